"""What the holder of a mailed link sees: the request, the review of an answer, the receipt, and every dead end.

No decision is one press of Enter away: the first form leads to a page that shows the answer, and only that one has the
two buttons. Whatever was typed comes back when something was refused.
"""

from collections.abc import Iterator
from datetime import datetime
from html import escape
from itertools import chain

from collaboration.domain.contexts.invitation import RecipientContext
from collaboration.domain.model.access import Access, Role
from collaboration.domain.model.attempt_limit import TRIES_PER_LINK
from collaboration.domain.model.catalogue import catalogue
from collaboration.domain.model.faults import Fault, Slug
from collaboration.domain.model.invitation import (
    NOT_PENDING,
    Action,
    Choice,
    InvitationState,
    ViewerState,
    viewer_state,
)
from collaboration.domain.model.values import InvoiceRecipient, Locale, Side
from collaboration.frozen import dataclass
from collaboration.http import problems
from collaboration.http.contract.recipients import FormStep, accepting_means
from collaboration.http.pages import (
    Markup,
    Section,
    bullets,
    facts,
    heading,
    language_link,
    notice,
    other_language,
    page,
    paragraph,
)
from collaboration.http.request import Request
from collaboration.http.response import Response
from collaboration.wording import has, lines, text
from collaboration.wording.particulars import agreed, day, moment, solution_name

_MINE = frozenset({ViewerState.ACCEPTED_BY_ME, ViewerState.DECLINED_BY_ME})

# What a person can put right where they stand: the form is shown again, with all that was typed.
_IN_PLACE = frozenset({Slug.VALIDATION_FAILED, Slug.ORGANISATION_NUMBER_MISMATCH})

# What says of itself why it was refused: the page of the request shows it.
_BY_STATE = frozenset(
    {
        Slug.NOT_ALLOWED,
        Slug.DIGITS_EXHAUSTED,
        Slug.SITUATION_CHANGED,
        *NOT_PENDING,
    }
)


@dataclass(frozen=True, kw_only=True)
class TypedAnswer:
    """What the holder has typed, as it came, to be shown again."""

    digits: str = ""
    message: str = ""
    email: str = ""
    decision: str = ""

    def hidden(self) -> Iterator[str]:
        """The answer as hidden fields of a form."""
        for name, value in (("organisationNumberEnding", self.digits), ("message", self.message)):
            if value:
                yield f'<input type="hidden" name="{name}" value="{escape(value)}">'


NOTHING_TYPED = TypedAnswer()


def shows_fault(fault: Fault) -> bool:
    """Whether the page of the request shows the fault; else it has a page of its own, without the request."""
    return fault.slug in _IN_PLACE | _BY_STATE or (fault.slug is Slug.TOO_MANY_REQUESTS and fault.hint == "digits")


@dataclass(frozen=True, kw_only=True)
class RecipientPage:
    """The pages of one request for the holder of one link, at one time and in one language."""

    context: RecipientContext
    locale: Locale
    now: datetime
    request: Request

    def show(self, typed: TypedAnswer = NOTHING_TYPED, fault: Fault | None = None) -> Response:
        """The request with the form to answer it, or what became of it; and why something was refused."""
        status = problems.STATUS[fault.slug] if fault else 200
        state = self.context.invitation.state_at(self.now)
        if state is InvitationState.PENDING:
            return self._pending(status, typed, fault)
        refused = [notice("fault", paragraph(self._text("not-recorded")))] if fault else []
        sections: list[Section] = [[*refused, *self._dead_end(state)]]
        if typed.message:
            sections.append([heading(self._text("review.message")), _quote(typed.message)])
        return self._page(status, self._text(f"{state}.title"), *sections)

    def review(self, typed: TypedAnswer) -> Response:
        """The answer before it is given, and the two buttons that give it."""
        rows = [
            (self._text("request.who.office"), self.context.office.name),
            (self._text("review.company"), self.context.company_name),
            (self._text("request.setup.solution"), self._names["solution"]),
            *self._setup(),
            (self._text("review.access"), ", ".join(self.context.office_names) or self._text("request.access.nobody")),
        ]
        if not typed.message:
            rows.append((self._text("review.message"), self._text("review.message.none")))
        choices = "".join(
            f'<div><button name="decision" value="{choice}">{escape(self._text(f"review.{choice}"))}</button>'
            f"{paragraph(self._text(f'review.{choice}.means'), 'note')}</div>"
            for choice in Choice
        )
        change = f'<button class="quiet" name="decision" value="{FormStep.CHANGE}">'
        change += f"{escape(self._text('review.change'))}</button>"
        body = [
            paragraph(self._text("review.lead"), "lead"),
            facts(rows),
            *((heading(self._text("review.message")), _quote(typed.message)) if typed.message else ()),
            self._form(
                "",
                *typed.hidden(),
                f'<div class="choice">{choices}</div>',
                f'<div class="actions">{change}</div>',
            ),
        ]
        return self._page(200, self._text("review.title"), body, typed=typed)

    def asked_again(self) -> Response:
        """The one answer to whoever asks for a new invitation."""
        body = [paragraph(self._text("ask-again.sent")), paragraph(self._text("ask-again.sent.next")), self._back()]
        return self._page(202, self._text("ask-again"), body)

    def reported(self) -> Response:
        """The link is closed: the request was not for its holder."""
        body = [paragraph(self._text(f"not-me.done.{part}")) for part in ("lead", "next")]
        # There is nothing left at the link's own address that another language could say.
        return self._page(200, self._text("not-me.done"), body, switch="")

    # The parts of a request that waits

    def _pending(self, status: int, typed: TypedAnswer, fault: Fault | None) -> Response:
        link_fault, acceptance_fault = self.context.link_fault(self.now), self.context.acceptance_fault
        until = self._text("request.until", date=moment(self.locale, self.context.invitation.expires_at))
        first: Section = [
            *(
                self._nothing_to_accept(acceptance_fault)
                if acceptance_fault and not self.context.holder_fault
                else self._fault(fault, link_fault)
            ),
            paragraph(self._text("request.lead.owned" if self.context.customer_owned else "request.lead"), "lead"),
            *(() if acceptance_fault else (paragraph(until),)),
            *self._message(),
        ]
        request: list[Section] = [[*self._who()], [*self._powers(), *self._access()]]
        if not acceptance_fault:
            request.append([*self._agreement()])
        forms: list[Section] = []
        if link_fault is None:
            forms = [[*self._answer(typed, fault)]] if not acceptance_fault else []
            forms.append([*self._not_me(typed, fault)])
        elif typed.message:
            forms = [[heading(self._text("review.message")), _quote(typed.message)]]
        # What has to be put right, or is not to be lost, comes before what has been read.
        below = [*forms, *request] if fault else [*request, *forms]
        title = self._text("request.title")
        tab = f"{_title(fault, self.locale)} - {title}" if fault else None
        footer = [paragraph(self._text("request.privacy"))]
        kept = NOTHING_TYPED if link_fault else typed
        return self._page(status, title, first, *below, typed=kept, footer=footer, tab=tab)

    def _fault(self, fault: Fault | None, link_fault: Fault | None) -> Iterator[str]:
        if fault and fault.slug in _IN_PLACE:
            found = fault.fields[0].pointer.rpartition("/")[2] if fault.fields else "organisationNumberEnding"
            where = {"message": "message", "email": "email"}.get(found, "digits")
            title = escape(_title(fault, self.locale))
            # What is wrong with a field stands beside it; here stands where to look.
            words = problems.detail(fault, self.locale) if link_fault else self._text("fault.validation-failed")
            link = (
                f'<a href="#{where}"><strong>{title}</strong></a>'
                if link_fault is None
                else f"<strong>{title}</strong>"
            )
            yield notice("fault", f"<p>{link}</p>", paragraph(words))
        if link_fault is None:
            return
        if link_fault.retry_at:
            opens = self._text("request.locked", date=moment(self.locale, link_fault.retry_at))
            said = [self._text("request.locked.title"), opens, self._text("request.locked.wait")]
        else:
            said = [_title(link_fault, self.locale), problems.detail(link_fault, self.locale)]
        yield notice(
            "warning",
            f"<p><strong>{escape(said[0])}</strong></p>",
            *(paragraph(line) for line in said[1:]),
            *((paragraph(self._my_link("request.sign-in.link")),) if link_fault.slug is not Slug.NOT_ALLOWED else ()),
        )

    def _message(self) -> Iterator[str]:
        if message := self.context.invitation.shown_message:
            yield heading(self._text("request.message"))
            yield _quote(message)

    def _who(self) -> Iterator[str]:
        invitation, office = self.context.invitation, self.context.office
        yield heading(self._text("request.who"))
        yield facts(
            (
                (self._text("request.who.office"), office.name),
                *self._office_details(),
                (self._text("request.who.email"), _mail_link(office.email)),
                (self._text("request.who.sender"), invitation.sent_by.name),
                (self._text("request.who.sent"), moment(self.locale, invitation.sent_at)),
            )
        )
        yield paragraph(self._text("request.who.check"), "note")

    def _office_details(self) -> Iterator[tuple[str, str]]:
        """What the directory knows by which the office can be looked up and called."""
        office, number = self.context.office, self.context.office.organisation_number
        # A sole trader's number is a personal identity number, which is nobody else's business; and an office that asks
        # itself is asked for the digits of its own.
        if number and not number.is_personal and number != self.context.invitation.organisation_number:
            yield self._text("request.who.number"), number.hyphenated
        if office.phone:
            yield self._text("request.who.phone"), office.phone

    def _powers(self) -> Iterator[str]:
        solution = catalogue().solution(self.context.invitation.solution)
        top = solution.variant(solution.variant_for(Side.OFFICE, None)) if solution else None
        can = [*self._lines("request.can.lines")]
        if top:
            can.append(self._text("request.can.variant", variant=top.name[self.locale]))
        yield heading(self._text("request.may"))
        yield (
            f'<div class="both"><div><h3>{escape(self._text("request.can"))}</h3>{bullets(can, "can")}</div>'
            f"<div><h3>{escape(self._text('request.cannot'))}</h3>"
            f"{bullets(self._lines('request.cannot.lines'), 'cannot')}</div></div>"
        )

    def _access(self) -> Iterator[str]:
        yield heading(self._text("request.access"))
        people = [*self._people()]
        if people:
            rows = (Markup(f"{escape(name)} <small>{escape(role)}</small>") for name, role in people)
            yield bullets(rows, "people")
        else:
            yield paragraph(self._text("request.access.nobody"))
        if self.context.other_office:
            yield notice("warning", paragraph(self._text("request.other-office")))

    def _people(self) -> Iterator[tuple[str, str]]:
        """The employees who get access, each with their part in the task."""
        for access in self.context.office_access(self.context.invitation.task_id):
            yield access.person.name, self._text(_role(access))

    def _agreement(self) -> Iterator[str]:
        yield heading(self._text("request.setup"))
        yield facts([(self._text("request.setup.solution"), self._names["solution"]), *self._setup()])
        yield heading(self._text("request.price"))
        yield paragraph(self._price())
        yield heading(self._text("request.terms"))
        yield bullets(accepting_means(self.context, self.locale))

    def _price(self) -> str:
        subscription = self.context.subscription
        if subscription is not None:
            if self.context.customer_owned:
                return self._text("request.price.owned")
            return self._text("request.price.has-solution", date=day(self.locale, subscription.terms.renews_on))
        given = self.context.setup.given()
        payers = {value for field, value in given.items() if field.is_invoice_recipient}
        if not payers:
            return self._text("request.price.unknown")
        if len(payers) > 1:
            return self._text("request.price.shared")
        return self._text(f"request.price.{InvoiceRecipient(str(payers.pop()))}")

    def _answer(self, typed: TypedAnswer, fault: Fault | None) -> Iterator[str]:
        digits_fault = self._field_fault(fault, "organisationNumberEnding")
        message_fault = self._field_fault(fault, "message")
        focus = " autofocus" if digits_fault else ""
        yield heading(self._text("request.answer"))
        yield paragraph(self._text("request.answer.lead"))
        yield self._form(
            "",
            f'<label for="digits">{escape(self._text("request.digits"))}</label>',
            *_field_words("digits", digits_fault),
            f'<input class="digits" id="digits" name="organisationNumberEnding" value="{escape(typed.digits)}"'
            f' inputmode="numeric" maxlength="20" autocomplete="off" required{_invalid("digits", digits_fault)}'
            f"{focus}>",
            paragraph(Markup(f'<span id="digits-why">{escape(self._text("request.digits.why"))}</span>'), "note"),
            *(() if digits_fault else self._tries()),
            f'<label for="message">{escape(self._text("request.own-message"))}</label>',
            *_field_words("message", message_fault),
            f'<textarea id="message" name="message" rows="4" maxlength="2000"{_invalid("message", message_fault)}>'
            f"\n{escape(typed.message)}</textarea>",
            f'<div class="actions"><button class="primary" name="decision" value="{FormStep.REVIEW}">'
            f"{escape(self._text('request.review'))}</button></div>",
        )
        link = self._my_link("request.sign-in.link")
        yield paragraph(Markup(f"{escape(self._text('request.sign-in'))} {link}"), "note")

    def _tries(self) -> Iterator[str]:
        left = self.context.tries_left(self.now)
        if left < min(TRIES_PER_LINK, self.context.tries_allowed):
            key = "request.tries.one" if left == 1 else "request.tries"
            yield paragraph(self._text(key, left=str(left)), "note")

    def _not_me(self, typed: TypedAnswer, fault: Fault | None) -> Iterator[str]:
        email_fault = self._field_fault(fault, "email")
        opened = " open" if email_fault else ""
        focus = " autofocus" if email_fault else ""
        form = self._form(
            "/not-me",
            paragraph(self._text("not-me.lead")),
            f'<label for="email">{escape(self._text("not-me.email"))}</label>',
            *_field_words("email", email_fault),
            f'<input class="address" id="email" name="email" type="email" value="{escape(typed.email)}" maxlength="254"'
            f' autocomplete="email" required{_invalid("email", email_fault)}{focus}>',
            f'<div class="actions"><button>{escape(self._text("not-me.do"))}</button></div>',
        )
        yield f"<details{opened}><summary>{escape(self._text('not-me'))}</summary>{form}</details>"

    def _field_fault(self, fault: Fault | None, name: str) -> str | None:
        """What is wrong with a field of the form, in words."""
        if fault is None or fault.slug not in _IN_PLACE:
            return None
        if fault.slug is Slug.ORGANISATION_NUMBER_MISMATCH:
            return problems.detail(fault, self.locale) if name == "organisationNumberEnding" else None
        wrong = any(field.pointer == f"#/{name}" for field in fault.fields)
        return self._text(f"field.{name}") if wrong else None

    # What became of a request

    def _dead_end(self, state: InvitationState) -> Iterator[str]:
        invitation = self.context.invitation
        at = invitation.decision.at if invitation.decision else invitation.expires_at
        yield notice(
            "notice" if state is InvitationState.ACCEPTED else "warning",
            paragraph(self._text(f"{state}.lead", date=moment(self.locale, at))),
        )
        if viewer_state(invitation, self.now, self.context.recipient) in _MINE:
            yield from self._receipt()
        if state in {InvitationState.ACCEPTED, InvitationState.DECLINED}:
            yield heading(self._text("next"))
            yield bullets(self._lines(f"{state}.next"))
            yield from self._next_steps(state)
        else:
            yield from self._ask_again()

    def _nothing_to_accept(self, acceptance_fault: Fault) -> Iterator[str]:
        """Why a request that waits cannot be accepted any more, and the way to a new one."""
        title, words = _title(acceptance_fault, self.locale), problems.detail(acceptance_fault, self.locale)
        yield notice("warning", f"<p><strong>{escape(title)}</strong></p>", paragraph(words))
        yield from self._ask_again()

    def _ask_again(self) -> Iterator[str]:
        # Who may not decide notifies nobody. Whose name and address were erased cannot ask by this link either: nobody
        # knows any more who that is.
        if self.context.holder_fault is None:
            yield paragraph(self._text("ask-again.lead"))
            button = escape(self._text("ask-again"))
            yield self._form(
                f"/{Action.ASK_AGAIN}", f'<div class="actions"><button class="primary">{button}</button></div>'
            )
        yield self._contact()

    def _receipt(self) -> Iterator[str]:
        invitation, decision = self.context.invitation, self.context.invitation.decision
        if decision is None:
            return
        yield heading(self._text("receipt"))
        rows = [
            (self._text("receipt.reference"), str(invitation.collaboration_id or invitation.id)),
            (self._text("receipt.answer"), self._text(f"receipt.answer.{decision.choice}")),
            (self._text("receipt.at"), moment(self.locale, decision.at)),
            # The name is erased with the rest of what a dead request holds.
            *([(self._text("receipt.by"), decision.by)] if decision.by else []),
            (self._text("review.company"), self.context.company_name),
            (self._text("request.who.office"), self.context.office.name),
            *self._office_details(),
            (self._text("request.setup.solution"), self._names["solution"]),
        ]
        if decision.choice is Choice.ACCEPT:
            people = ", ".join(f"{name} ({role})" for name, role in self._people())
            rows += [*self._setup(), *([(self._text("receipt.people"), people)] if people else [])]
            version = self._text("receipt.terms.version", version=invitation.terms_version)
            rows.append((self._text("receipt.terms"), version))
        if decision.message:
            rows.append((self._text("review.message"), decision.message))
        yield f'<div class="receipt">{facts(rows)}</div>'

    def _next_steps(self, state: InvitationState) -> Iterator[str]:
        mine = viewer_state(self.context.invitation, self.now, self.context.recipient) in _MINE
        steps = []
        if state is InvitationState.ACCEPTED:
            my = self.request.reference("my")
            steps.append(f'<a class="button primary" href="{my}">{escape(self._text("next.my"))}</a>')
        if mine:
            # The script shows it: without one there is nothing that it could do.
            steps.append(f'<button type="button" id="print" hidden>{escape(self._text("receipt.print"))}</button>')
        if steps:
            yield f'<div class="actions">{"".join(steps)}</div>'
        if state is InvitationState.ACCEPTED:
            yield paragraph(self._text("accepted.wrong"), "note")
        yield self._contact()

    # Pieces

    @property
    def _names(self) -> dict[str, str]:
        return {
            "office": self.context.office.name,
            "company": self.context.company_name,
            "solution": solution_name(self.locale, self.context.invitation.solution),
            "sender": self.context.invitation.sent_by.name,
        }

    def _text(self, key: str, **more: str) -> str:
        return text(self.locale, f"page.{key}", **self._names, **more)

    def _lines(self, key: str) -> tuple[str, ...]:
        return lines(self.locale, f"page.{key}", **self._names)

    def _setup(self) -> Iterator[tuple[str, str]]:
        invitation = self.context.invitation
        office, company = self.context.office.name, self.context.company_name
        return agreed(
            self.locale,
            invitation.solution,
            self.context.setup,
            office=office,
            company=company,
            paid_by_another=self.context.paid_by_another,
        )

    @property
    def _here(self) -> str:
        """The page of the request, relative to where the answer is read."""
        return self.request.reference(f"accept/{self.request.path['token']}")

    def _form(self, below: str, *pieces: str) -> str:
        action = f"{self._here}{below}?lang={self.locale}"
        return f'<form method="post" action="{escape(action)}">\n' + "\n".join(pieces) + "\n</form>"

    def _contact(self) -> str:
        words = Markup(f"{escape(self._text('contact'))} {_mail_link(self.context.office.email)}")
        return paragraph(words, "note")

    def _back(self) -> str:
        address = escape(f"{self._here}?lang={self.locale}")
        return f'<p><a href="{address}">{escape(self._text("back"))}</a></p>'

    def _my_link(self, key: str) -> Markup:
        return Markup(f'<a href="{self.request.reference("my")}">{escape(self._text(key))}</a>')

    def _page(
        self,
        status: int,
        title: str,
        *sections: Section,
        typed: TypedAnswer = NOTHING_TYPED,
        footer: Section = (),
        tab: str | None = None,
        switch: str | None = None,
    ) -> Response:
        if switch is None:
            switch = language_link(self._here, self.locale)
        if hidden := "".join(typed.hidden()):
            # In a form of its own, so that what was typed is there in the other language too.
            other = other_language(self.locale)
            switch = (
                f'<form method="post" action="{escape(self._here)}?lang={other}">{hidden}'
                f'<button class="quiet" lang="{other}" name="decision" value="{FormStep.CHANGE}">'
                f"{escape(self._text('language'))}</button></form>"
            )
        return page(
            status,
            title,
            self.locale,
            *sections,
            language_switch=switch,
            files=self.request.reference("console/"),
            footer=footer,
            tab=tab,
        )


def link_fault_page(fault: Fault, request: Request, typed: TypedAnswer = NOTHING_TYPED) -> Response:
    """Why something was refused where the request itself cannot be shown."""
    locale = request.language or Locale.SV
    here = request.reference(f"accept/{request.path['token']}")
    status = problems.STATUS[fault.slug]
    body = [paragraph(_detail(fault, locale))]
    my = f'<a href="{request.reference("my")}">{escape(text(locale, "page.request.sign-in.link"))}</a>'
    if fault.slug is Slug.NOT_FOUND:
        body.append(heading(text(locale, "page.fault.what-to-do")))
        body.append(bullets(lines(locale, "page.fault.not-found.lines")))
        body.append(paragraph(Markup(my)))
    elif typed.decision and status in {429, 503}:
        # The same once more, with all that was typed.
        fields = "".join(chain(typed.hidden(), _hidden_decision(typed)))
        again = escape(text(locale, "page.retry"))
        body.append(
            f'<form method="post" action="{escape(here)}?lang={locale}">{fields}'
            f'<div class="actions"><button class="primary">{again}</button></div></form>'
        )
    else:
        body.append(f'<p><a href="{escape(here)}?lang={locale}">{escape(text(locale, "page.back"))}</a></p>')
    return page(
        status,
        _title(fault, locale),
        locale,
        body,
        language_switch=language_link(here, locale),
        files=request.reference("console/"),
    )


def _hidden_decision(typed: TypedAnswer) -> Iterator[str]:
    yield f'<input type="hidden" name="decision" value="{escape(typed.decision)}">'


def _title(fault: Fault, locale: Locale) -> str:
    own = f"page.fault.{fault.slug}.title"
    if has(locale, own):
        return text(locale, own)
    return text(locale, f"problem.{fault.slug}.title" if shows_fault(fault) else "page.fault.other.title")


def _detail(fault: Fault, locale: Locale) -> str:
    own = f"page.fault.{fault.slug}"
    if has(locale, own):
        return text(locale, own)
    return problems.detail(fault, locale) if shows_fault(fault) else text(locale, "page.fault.other")


def _role(access: Access) -> str:
    roles = {reason.role for reason in access.reasons}
    return f"request.access.{Role.OWNER if Role.OWNER in roles else Role.PARTICIPANT}"


def _quote(words: str) -> str:
    return f"<blockquote>{escape(words)}</blockquote>"


def _mail_link(address: str) -> Markup:
    return Markup(f'<a href="mailto:{escape(address)}">{escape(address)}</a>')


def _field_words(name: str, fault: str | None) -> Iterator[str]:
    if fault:
        yield f'<p class="field-fault" id="{name}-fault">{escape(fault)}</p>'


def _invalid(name: str, fault: str | None) -> str:
    described = [f"{name}-fault"] if fault else []
    if name == "digits":
        described.append("digits-why")
    marks = ' aria-invalid="true"' if fault else ""
    return marks + (f' aria-describedby="{" ".join(described)}"' if described else "")
