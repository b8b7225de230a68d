"""What functions say of themselves: by which id a line is found, what is counted, and what never stands in either."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest
from collaboration import publishing
from collaboration.composition import EmbeddedMetrics, JsonLog
from collaboration.settings import TelemetrySettings
from collaboration.telemetry import Level, Metric
from support.people import ALMBERG, BJORK, CEDER, DAHL
from support.samples import sample
from support.ses import throttled, unverified

if TYPE_CHECKING:
    from support.app import App
    from support.people import Office

# The id of the request in every event that `App.call` makes.
REQUEST_ID = sample("docs-health")["requestContext"]["requestId"]

# Lambda's id of the call in `Context`.
RUN_ID = "4a1f0a9e-0c55-4d3e-8f7e-3f9a3c1d2b60"


class Context:
    """Lambda's context."""

    aws_request_id = RUN_ID
    function_name = "collaboration-MailFunction-1"


def settings(level: str) -> TelemetrySettings:
    """The settings of a stack in stage `test` that logs at this level."""
    return TelemetrySettings.of({**os.environ, "STAGE": "test", "POWERTOOLS_LOG_LEVEL": level})


def log_lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """The lines that were written to the log since somebody last looked."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_all_that_follows_a_request_is_found_by_its_id(app: App, office: Office) -> None:
    """History, events, mails and what becomes of them, through stream and bus."""
    app.drain_events()
    app.log.lines.clear()
    invited = office.invite(ALMBERG)
    request_id = invited.headers["X-Request-Id"]
    assert request_id == REQUEST_ID
    records = app._stream.new()
    app.functions["publish"].handler({"Records": records}, Context())
    published = {line.facts["event"]: line.facts["correlation_id"] for line in app.log.said("published")}
    assert published == {"InvitationSent": request_id, "MailQueued": request_id}
    while app.pending_messages:
        app.deliver(app.pending_messages.pop(0))
    [sent] = app.log.said("mail sent")
    assert (sent.facts["correlation_id"], sent.facts["mail"]) == (request_id, "invitation-1")
    tags = {"agreement": [invited.json["id"].removeprefix("inv-")], "mail": ["invitation-1"], "recipient": ["r1"]}
    bounce = {"eventType": "Bounce", "mail": {"messageId": "1", "tags": tags}, "bounce": {"bounceType": "Permanent"}}
    app.functions["mail_events"].handler({"source": "aws.ses", "detail-type": "Email Bounced", "detail": bounce}, None)
    [bounced] = [message for message in app.new_messages() if message.name == "InvitationBounced"]
    assert bounced.correlated_detail["correlationId"] == request_id


def mail_event_of(event_type: str, agreement: str, mail: str, recipient: str) -> dict[str, Any]:
    """What SES says of a mail, as the function gets it."""
    tags = {"agreement": [agreement], "mail": [mail], "recipient": [recipient]}
    detail = {"eventType": event_type, "mail": {"messageId": "1", "tags": tags}, "bounce": {"bounceType": "Permanent"}}
    return {"source": "aws.ses", "detail-type": f"Email {event_type}", "detail": detail}


@pytest.mark.parametrize(("event_type", "line"), [("Bounce", "mail bounced"), ("Complaint", "mail complained of")])
def test_a_mail_that_came_back_has_a_line(app: App, office: Office, event_type: str, line: str) -> None:
    """One of login instructions too, which no event tells of: by its ids, under its request's id."""
    assert office.activate(CEDER).status == 201
    app.drain_events()
    [sent] = app.log.said("mail sent")
    app.log.lines.clear()
    ids = {name: sent.facts[name] for name in ("agreement", "mail", "recipient")}
    app.functions["mail_events"].handler(mail_event_of(event_type, **ids), Context())
    [said] = app.log.said(line)
    assert said.facts == {**ids, "kind": "login-instructions", "correlation_id": REQUEST_ID, "operation": "mail_events"}
    [handled] = app.log.said("handled")
    assert {name: handled.facts[name] for name in ids} == ids


def test_a_report_of_a_mail_that_could_not_be_recorded_names_it(app: App, office: Office) -> None:
    """By the tags that the mail was sent with: nothing was read that says more."""
    office.invite(ALMBERG)
    app.client.faults.fail("batch_get_item", ValueError("broken"), times=10)
    event = mail_event_of("Bounce", "00001", "invitation-1", "r1")
    with pytest.raises(Exception, match="ValueError"):
        app.functions["mail_events"].handler(event, Context())
    [failed] = app.log.said("background work failed")
    named = {name: failed.facts[name] for name in ("agreement", "mail", "recipient")}
    assert named == {"agreement": "00001", "mail": "invitation-1", "recipient": "r1"}


@pytest.mark.parametrize("chosen", ["anna@ek-lind.example", "x" * 100, REQUEST_ID.upper(), f"{REQUEST_ID}\n", ""])
def test_an_id_that_the_caller_chose_is_not_taken_over(app: App, chosen: str) -> None:
    """API Gateway lets a header take the place of its own id: what is no UUID stands nowhere, Lambda's id does."""
    app.log.lines.clear()
    event = sample("docs-health")
    missing = {**event, "resource": "/problems/{slug}", "path": "/problems/none", "pathParameters": {"slug": "none"}}
    asked = {**missing, "requestContext": {**event["requestContext"], "requestId": chosen}}
    answer = app.functions["docs"].handler(asked, Context())
    assert answer["headers"]["X-Request-Id"] == RUN_ID
    assert json.loads(answer["body"])["instance"] == f"urn:request:{RUN_ID}"
    assert {line.facts["correlation_id"] for line in app.log.lines} == {RUN_ID}


def test_a_mail_that_the_schedule_sends_is_found_by_its_request(app: App, office: Office) -> None:
    """Its event was lost: the run that finds it has an id of its own, the mail keeps the request's."""
    office.invite(ALMBERG)
    app.clock.pass_(minutes=2)
    app.functions["mail"].handler(sample("mail-every-minute"), Context())
    [sent] = app.log.said("mail sent")
    assert sent.facts["correlation_id"] == REQUEST_ID
    assert app.log.said("handled")[-1].facts["correlation_id"] == RUN_ID


def test_what_nobody_asked_for_is_found_by_its_run(app: App, office: Office) -> None:
    """An invitation that expires has the id of the clean-up's call."""
    office.invited(DAHL)
    app.clock.pass_(days=15)
    app.functions["cleanup"].handler(sample("cleanup-every-quarter"), Context())
    [expired] = [message for message in app.new_messages() if message.name == "InvitationExpired"]
    assert expired.correlated_detail["correlationId"] == RUN_ID
    [handled] = app.log.said("handled")[-1:]
    assert handled.facts["done"]["expired"] == 1
    assert (handled.level, handled.facts["correlation_id"], handled.facts["operation"]) == ("INFO", RUN_ID, "cleanup")


def test_every_refusal_has_a_line_without_values(app: App, office: Office) -> None:
    """Which rule of which operation, under the id of the answer; never what was sent."""
    app.log.lines.clear()
    unknown = office.nobody.post("/accept/v1.nobody.r1.1.mac", {"decision": "accept"})
    faulty = office.anna.post(
        "/invitations", {"customerId": 7, "anna@x.example": 1}, headers={"Idempotency-Key": "k" * 8}
    )
    lines = app.log.said("refused")
    assert [(line.facts["operation"], line.facts["slug"]) for line in lines] == [
        ("decideInvitationByLink", unknown.slug),
        ("sendInvitation", faulty.slug),
    ]
    assert {line.facts["correlation_id"] for line in lines} == {unknown.headers["X-Request-Id"]}
    assert lines[1].facts["codes"]
    assert "anna@x.example" not in str(lines)
    assert app.metrics.counted("Refusals.not-found") == [1]
    assert app.metrics.counted("Refusals.validation-failed") == [1]


def test_an_answer_is_a_debug_line(app: App, office: Office) -> None:
    """Where debug lines are asked for, each answer has one; else a request that went as it should has none."""
    app.log.lines.clear()
    office.anna.get("/solutions")
    [line] = app.log.lines
    assert (line.level, line.message, line.facts["status"]) == (Level.DEBUG, "answered", 200)


def test_lost_races_are_counted(app: App, office: Office) -> None:
    """Once per request, with how many attempts were lost."""
    app.log.lines.clear()
    app.client.faults.fail(
        "transact_write_items",
        app.client.exceptions.TransactionCanceledException(
            {"CancellationReasons": [{"Code": "TransactionConflict"}], "Error": {"Code": "x"}}, "TransactWriteItems"
        ),
    )
    assert office.invite(ALMBERG).status == 201
    [line] = app.log.said("conflicts")
    assert (line.level, line.facts["lost"]) == (Level.WARNING, 1)
    assert app.metrics.counted("Conflicts") == [1]


def test_what_ses_refuses_for_good_is_told_at_once(app: App, office: Office) -> None:
    """An address that is not verified is an error in the log with the first mail; a throttled one is only counted."""
    app.ses.refusing = unverified()
    office.invited(ALMBERG)
    [line] = app.log.said("mail refused")
    assert (line.level, line.facts["refusal"], line.facts["correlation_id"]) == (Level.ERROR, "suspended", REQUEST_ID)
    assert app.metrics.counted("MailSuspended") == [1]
    app.log.lines.clear()
    app.ses.refusing = throttled()
    app.clock.pass_(minutes=2)
    app.send_due_mail()
    assert [line.level for line in app.log.said("mail refused")] == [Level.DEBUG]
    assert app.metrics.counted("MailThrottled") == [1]


def test_the_oldest_mail_that_waits_has_an_age(app: App, office: Office) -> None:
    """Recorded with every run, also where none waits."""
    office.invite(ALMBERG)
    app.refusing_mail = True
    app.clock.pass_(minutes=90)
    app.send_due_mail()
    app.refusing_mail = False
    app.clock.pass_(hours=5)
    app.send_due_mail()
    waited, nothing = app.metrics.counted("OldestMailAge")
    assert 90 * 60 <= waited < 91 * 60
    assert nothing == 0
    assert app.metrics.counted("MailsPostponed") == [1]
    assert app.metrics.counted("MailsSent") == [1]


def test_late_work_has_a_lag(app: App, office: Office) -> None:
    """How late the latest was done; nothing due is no lag."""
    app.clean_up()
    office.invited(DAHL)
    app.clock.pass_(days=15)
    app.clean_up()
    none, late = app.metrics.counted("DueWorkLag")
    assert none == 0
    assert 86_000 < late < 8 * 86_400
    assert app.metrics.counted("DueWorkDone.expired") == [1]


def test_decisions_are_counted_from_the_stream(app: App, office: Office) -> None:
    """Sent, accepted, declined; how long each decision took; what is delivered again is not counted twice."""
    office.invited(BJORK)
    app.clock.pass_(hours=2)
    office.decide(BJORK.contact.email)
    office.invited(DAHL)
    app.clock.pass_(hours=3)
    office.decide(DAHL.contact.email, "decline", customer=DAHL)
    measured = list(publishing.measured(publishing.entries(app._stream.all())))
    counts = dict(measured)
    assert (counts[Metric.INVITATIONS_SENT], counts[Metric.INVITATIONS_ACCEPTED]) == (2, 1)
    assert (counts[Metric.INVITATIONS_DECLINED], counts[Metric.COLLABORATIONS_STARTED]) == (1, 1)
    hours = [seconds // 3600 for metric, seconds in measured if metric is Metric.TIME_TO_DECISION]
    assert hours == [2, 3]


def test_what_is_delivered_again_is_counted_once() -> None:
    """Lambda goes on from the first record that failed."""
    records = [{"dynamodb": {"SequenceNumber": number}} for number in ("9", "10", "11", "12")]
    assert publishing.published(records, []) == records
    assert publishing.published(records, ["12", "11"]) == records[:2]


def test_a_line_is_json_that_names_the_call(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, app: App, office: Office
) -> None:
    """Powertools' logger: level, function, cold start, correlation id, and where it was written."""
    # A logger of a name is made once, and writes to where output went then.
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "json")
    app.log = JsonLog(settings("INFO"))  # type: ignore[assignment]
    office.nobody.get("/problems/none")
    app.functions["access"].handler({"detail-type": "AccessDue", "detail": {"correlationId": REQUEST_ID}}, Context())
    refused, *_ = log_lines(capsys)
    assert refused["level"] == "INFO"
    assert refused["message"] == "refused"
    assert refused["service"] == "json"
    assert refused["correlation_id"] == REQUEST_ID
    assert isinstance(refused["cold_start"], bool)
    assert refused["location"].startswith("_record_refusal:")
    assert "function_name" in refused


@pytest.mark.parametrize(("level", "rate", "lines"), [("INFO", "0", 0), ("INFO", "1", 1), ("DEBUG", "0", 1)])
def test_debug_lines_are_written_where_asked_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, level: str, rate: str, lines: int
) -> None:
    """By the level, or by the share of calls; where neither asks for them, Powertools is not even imported."""
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", f"{level}-{rate}")
    monkeypatch.setenv("POWERTOOLS_LOG_LEVEL", level)
    monkeypatch.setenv("POWERTOOLS_LOGGER_SAMPLE_RATE", rate)
    log = JsonLog(TelemetrySettings.of(os.environ))
    log.write(Level.DEBUG, "answered", {"status": 200})
    assert len(log_lines(capsys)) == lines
    assert ("_logger" in vars(log)) == bool(lines)


def test_a_metric_is_embedded_in_the_log(capsys: pytest.CaptureFixture[str], app: App, office: Office) -> None:
    """Under the stage, the operation in it, and what refused: each a set of its own, so that alarms find it."""
    app.metrics = EmbeddedMetrics(settings("INFO"))  # type: ignore[assignment]
    office.nobody.get("/problems/none")
    [line] = log_lines(capsys)
    [directive] = line["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "Collaborations"
    assert directive["Metrics"] == [{"Name": "Refusals", "Unit": "Count"}]
    assert [sorted(found) for found in directive["Dimensions"]] == [
        ["service", "stage"],
        ["operation", "service", "stage"],
        ["service", "slug", "stage"],
    ]
    named = {name: line[name] for name in ("service", "stage", "operation", "slug", "Refusals", "correlation_id")}
    assert named == {
        "service": "collaboration",
        "stage": "test",
        "operation": "showProblem",
        "slug": "not-found",
        "Refusals": [1.0],
        "correlation_id": REQUEST_ID,
    }


def test_nothing_personal_is_logged(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, app: App, office: Office
) -> None:
    """All lines and metrics of a whole life, debug lines too: no address, name, number or link."""
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "a-whole-life")
    monkeypatch.setenv("POWERTOOLS_LOG_LEVEL", "DEBUG")
    app.log = JsonLog(settings("DEBUG"))  # type: ignore[assignment]
    app.metrics = EmbeddedMetrics(settings("INFO"))  # type: ignore[assignment]
    app.mailer = app.mailer.__class__(
        app.services, app.mailer.provider, app.mailer.render, app.mailer.pace, app.metrics, app.log
    )
    office.collaborating(BJORK, message="Hej Birgitta")
    office.invited(DAHL)
    link = office.link_of(DAHL.contact.email)
    office.nobody.post(link, {"decision": "accept", "organisationNumberEnding": "0000"})
    office.activate(CEDER)
    office.anna.post("/invitations", {"customerId": "anna@x.example"}, headers={"Idempotency-Key": "k" * 8})
    app.functions["publish"].handler({"Records": app._stream.all()}, Context())
    app.drain_events()
    app.clock.pass_(days=15)
    app.clean_up()
    output = capsys.readouterr().out
    assert len(output.splitlines()) > 20
    numbers = (customer.organisation_number for customer in (BJORK, CEDER, DAHL))
    for secret in ("@", "Birgitta", "Björk", "Hej", link.rpartition("/")[2], *numbers):
        assert secret not in output
