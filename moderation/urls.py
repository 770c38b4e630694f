from django.urls import path

from moderation import views

app_name = "moderation"

urlpatterns = [
    path("report/<slug:kind_name>/<int:pk>/", views.ReportView.as_view(), name="report"),
    path("appeal/<slug:kind_name>/<int:pk>/", views.AppealView.as_view(), name="appeal"),
    path("settings/reports/", views.MyReportsView.as_view(), name="my_reports"),
    path("settings/hidden/", views.MyHiddenTargetsView.as_view(), name="my_hidden_things"),
    path("about/moderation/", views.numbers, name="numbers"),
]
