"""A preview of the domain, worded for the office."""

from collections.abc import Callable

from collaboration.domain.model.preview import Preview
from collaboration.domain.model.values import Locale
from collaboration.http import problems
from collaboration.http.contract.access import AccessResponse
from collaboration.http.contract.problem import EffectResponse, ForeseenMailResponse, PreviewResponse, WarningResponse
from collaboration.http.contract.setup import SetUpResponse
from collaboration.http.contract.terms import TermsResponse
from collaboration.wording import lines, text
from collaboration.wording.particulars import coming_setup


def preview_response(preview: Preview, locale: Locale, reference: Callable[[str], str]) -> PreviewResponse:
    """A preview as an employee gets it. `reference` makes a path below the API's root relative to the request."""
    names = {
        "office": preview.office_name,
        "company": preview.company_name,
        "solution": preview.solution.name[locale],
        "contact": preview.contact_name,
        "coming": _coming(preview, locale),
    }
    return PreviewResponse(
        scenario=preview.scenario,
        door=preview.route,
        setup=SetUpResponse.of(preview.setup, preview.task_id),
        missing=preview.missing,
        effects=tuple(
            EffectResponse(kind=kind, text=text(locale, f"effect.{kind}", **names)) for kind in preview.effects
        ),
        mails=tuple(ForeseenMailResponse(kind=kind, to=to) for kind, to in preview.mails),
        access=tuple(
            AccessResponse.of(access, preview.solution.variant_for(access.side, preview.setup.variant))
            for access in preview.access
        ),
        terms=TermsResponse(
            version=preview.terms_version,
            text=lines(locale, f"terms.{preview.terms}", **names) if preview.terms else (),
        ),
        warnings=tuple(
            WarningResponse(type=kind, detail=text(locale, f"warning.{kind}", **names)) for kind in preview.warnings
        ),
        problems=tuple(problems.problem(fault, locale, reference) for fault in preview.faults),
    )


def _coming(preview: Preview, locale: Locale) -> str:
    """What changes when the subscription renews; empty where nothing does."""
    coming = preview.subscription.coming_terms(preview.office_id) if preview.subscription else None
    if coming is None:
        return ""
    return coming_setup(locale, preview.solution.key, coming, office=preview.office_name, company=preview.company_name)
