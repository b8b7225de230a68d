"""Many tasks at once: another owner, more or fewer participants; each task as if it had been edited alone."""

from collaboration.domain.model.directory import MOST_PARTICIPANTS, Task
from collaboration.domain.model.faults import Code, FieldFault, Slug, refused
from collaboration.domain.model.values import EmployeeId
from collaboration.frozen import dataclass


@dataclass(frozen=True, kw_only=True)
class MassUpdate:
    """`owner`: from whom, to whom; only tasks of the former are given to the latter."""

    owner: tuple[EmployeeId, EmployeeId] | None
    add: tuple[EmployeeId, ...]
    remove: tuple[EmployeeId, ...]


def apply_mass_update(task: Task, command: MassUpdate) -> Task:
    """The task after the command: the same one when nothing changes, so that doing it again does nothing.

    Raises:
        RefusedError: `validation-failed`, it would have more participants than a task may have.
    """
    owner = command.owner[1] if command.owner and task.owner == command.owner[0] else task.owner
    remaining = [person for person in task.participants if person not in command.remove]
    added = [person for person in command.add if person not in remaining]
    participants = (*remaining, *added)
    if len(participants) > MOST_PARTICIPANTS:
        raise refused(Slug.VALIDATION_FAILED, FieldFault("#/addParticipants", Code.INVALID))
    return task.replace(owner=owner, participants=participants)
