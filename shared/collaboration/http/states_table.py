"""The table of what may be done with an invitation in which state, in HTML, for the page that explains the API."""

from html import escape

from collaboration.domain.model.invitation import TRANSITIONS, Action, Verdict, ViewerState
from collaboration.http.problems import STATUS


def states_table() -> str:
    """The table that every check of an invitation comes from: a row for each action, a column for each state."""
    head = "".join(f'<th scope="col">{escape(state)}</th>' for state in ViewerState)
    rows = "".join(
        f'<tr><th scope="row">{action}</th>{"".join(f"<td>{_cell(action, state)}</td>" for state in ViewerState)}</tr>'
        for action in Action
    )
    return f"<table><thead><tr><td></td>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _cell(action: Action, state: ViewerState) -> str:
    found = TRANSITIONS[action][state]
    if isinstance(found, Verdict):
        return "yes" if found is Verdict.ALLOWED else "the same answer again"
    return f'{STATUS[found]} <a href="problems/{found}">{found}</a>'
