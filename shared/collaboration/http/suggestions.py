"""Tasks that an unlinked collaboration may belong to, worded for employees."""

from collaboration.domain.model.values import Locale
from collaboration.http.contract.links import SuggestionResponse
from collaboration.queries.link_suggestions import Suggestion
from collaboration.wording import text


def suggestion(found: Suggestion, locale: Locale) -> SuggestionResponse:
    """A task that a collaboration may belong to, and why."""
    names = {"company": found.customer.name, "task": found.task.name}
    keys = ("number", "task", "latest") if found.latest else ("number", "task")
    return SuggestionResponse(
        customer_id=found.customer_id,
        customer_name=found.customer.name,
        task_id=found.task_id,
        task_name=found.task.name,
        solution=found.solution,
        why=tuple(text(locale, f"suggestion.{key}", **names) for key in keys),
    )
