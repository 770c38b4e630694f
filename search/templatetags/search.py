"""What was found, with the words that were asked for marked: `{{ link.title|highlight:query }}`."""

from django import template

from search.highlighting import highlight, snippet

register = template.Library()
register.filter(highlight)
register.filter(snippet)
