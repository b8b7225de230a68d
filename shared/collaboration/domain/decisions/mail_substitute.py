"""Who gets a mail that waited until the employee whom it was for had left the office."""

from collections.abc import Mapping

from collaboration.domain.model.directory import Employee, Office
from collaboration.domain.model.mail import Mail
from collaboration.domain.model.mail_recipient import MailRecipient
from collaboration.domain.model.values import EmployeeId


def substitute(
    mail: Mail, left: MailRecipient, employees: Mapping[EmployeeId, Employee], office: Office
) -> MailRecipient | None:
    """Who gets a mail in the place of an employee who is not active any more: `office-mail-to-who-is-active`.

    The office itself, once, where it tells of something that no active employee gets to know by it. None for nobody.

    Args:
        mail: the mail.
        left: the employee, one of its recipients.
        employees: its recipients who are employees, as they are now; one who is unknown counts as active.
        office: the office.
    """

    def is_active(recipient: MailRecipient) -> bool:
        employee = employees.get(recipient.employee_id) if recipient.employee_id else None
        return employee is None or employee.active

    active = {recipient.key for recipient in mail.recipients if is_active(recipient)}
    in_vain = any(audience[0] == left.key and active.isdisjoint(audience) for audience in mail.audiences if audience)
    return left.replace(email=office.email, name=office.name) if in_vain else None
