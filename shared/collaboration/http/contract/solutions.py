"""The catalogue of solutions."""

from collections.abc import Mapping

from collaboration.domain.model.catalogue import SetUpField, Solution
from collaboration.domain.model.faults import Slug
from collaboration.domain.model.values import Kind, Locale, Outcome, Value
from collaboration.http.contract.operation import NoBody, Operation
from collaboration.http.contract.parameters import PageQuery
from collaboration.http.contract.response import Page
from collaboration.http.request import CallerClass


class LocalisedNameResponse(Value):
    """A name in each language."""

    sv: str
    en: str

    @classmethod
    def of(cls, name: Mapping[Locale, str]) -> "LocalisedNameResponse":
        """A name of the catalogue."""
        return cls(sv=name[Locale.SV], en=name[Locale.EN])


class SetUpFieldResponse(Value):
    """A field of the set-up that a solution asks."""

    field: SetUpField
    values: tuple[str | int, ...]
    required: bool


class VariantResponse(Value):
    """A variant of a solution."""

    key: str
    name: LocalisedNameResponse
    kind: Kind | None


class SolutionResponse(Value):
    """A solution of the catalogue."""

    key: str
    name: LocalisedNameResponse
    kind: Kind | None
    setup: tuple[SetUpFieldResponse, ...]
    variants: tuple[VariantResponse, ...]
    outcomes: tuple[Outcome, ...]
    checklist: tuple[str, ...]

    @classmethod
    def of(cls, solution: Solution) -> "SolutionResponse":
        """A solution as employees see it."""
        return cls(
            key=solution.key,
            name=LocalisedNameResponse.of(solution.name),
            kind=solution.kind,
            setup=tuple(
                SetUpFieldResponse(
                    field=field, values=solution.values_of(field), required=field not in solution.defaults
                )
                for field in solution.setup
            ),
            variants=tuple(
                VariantResponse(
                    key=variant.key, name=LocalisedNameResponse.of(variant.name), kind=variant.kind or solution.kind
                )
                for variant in solution.variants
            ),
            outcomes=solution.outcomes,
            checklist=tuple(item.key for item in solution.checklist),
        )


LIST_SOLUTIONS = Operation(
    name="listSolutions",
    function="collaborations",
    method="GET",
    path="/solutions",
    caller=CallerClass.EMPLOYEE,
    summary="The catalogue of solutions",
    body=NoBody,
    query=PageQuery,
    answers={200: Page[SolutionResponse]},
    refusals=(Slug.MALFORMED_REQUEST,),
)
