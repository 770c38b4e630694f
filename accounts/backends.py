from allauth.account.auth_backends import AuthenticationBackend


class AccountsBackend(AuthenticationBackend):
    """Refuses suspended people, at login and, through `get_user`, in every session."""

    def user_can_authenticate(self, user):
        return super().user_can_authenticate(user) and not user.is_suspended
