"""Filters that mark the words of a query: `{{ link.title|highlight:query }}`."""

from django import template

from search.highlighting import highlight, snippet

register = template.Library()
register.filter(highlight)
register.filter(snippet)
