"""Who was invited, by a mailed link or signed in: the language that they are answered in."""

from collaboration.domain.contexts.invitation import RecipientContext
from collaboration.domain.model.values import Locale
from collaboration.http.request import Request


def language(request: Request, context: RecipientContext) -> Locale:
    """The language that was asked for, else the customer's."""
    return request.language or (context.customer.locale if context.customer else Locale.SV)
