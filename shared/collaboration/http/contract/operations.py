"""Every operation of the API, in the order of the OpenAPI document."""

from collaboration.domain.model.values import Value
from collaboration.http.contract.account_access import SHOW_ACCOUNT_ACCESS
from collaboration.http.contract.activations import ACTIVATE
from collaboration.http.contract.collaboration_changes import CANCEL_END, EDIT, END, RESEND_LOGIN
from collaboration.http.contract.collaboration_records import SHOW_ACCESS, SHOW_HISTORY
from collaboration.http.contract.collaborations import LIST_COLLABORATIONS, SHOW_COLLABORATION
from collaboration.http.contract.customers import LIST_CUSTOMERS, SHOW_CUSTOMER
from collaboration.http.contract.directory_sync import (
    GET_ACCOUNT,
    GET_CUSTOMER,
    GET_EMPLOYEE,
    GET_OFFICE,
    GET_TASK,
    PUT_ACCOUNT,
    PUT_CUSTOMER,
    PUT_EMPLOYEE,
    PUT_OFFICE,
    PUT_TASK,
)
from collaboration.http.contract.docs import SHOW_DOCS, SHOW_DOCS_FILE, SHOW_HEALTH, SHOW_OPENAPI, SHOW_PROBLEM
from collaboration.http.contract.imports import IMPORT
from collaboration.http.contract.invitation_batches import SEND_BATCH
from collaboration.http.contract.invitations import (
    LIST_INVITATIONS,
    REMIND,
    RESEND,
    REVOKE,
    SHOW_INVITATION,
    SHOW_INVITATION_HISTORY,
)
from collaboration.http.contract.inviting import SEND_INVITATION
from collaboration.http.contract.links import LINK, SUGGEST_LINKS, UNLINK
from collaboration.http.contract.mail_events import RECORD_MAIL_EVENT
from collaboration.http.contract.mass_updates import MASS_UPDATE
from collaboration.http.contract.my_collaboration_changes import CANCEL_MY_END, END_MINE
from collaboration.http.contract.my_collaboration_records import SHOW_MY_ACCESS, SHOW_MY_HISTORY
from collaboration.http.contract.my_collaborations import LIST_MY_COLLABORATIONS
from collaboration.http.contract.my_requests import DECIDE_MY_INVITATION, LIST_MY_INVITATIONS
from collaboration.http.contract.my_solutions import LIST_MY_SOLUTIONS
from collaboration.http.contract.operation import Operation
from collaboration.http.contract.pages import (
    SHOW_COLLABORATION_PLACE,
    SHOW_CONSOLE,
    SHOW_CONSOLE_FILE,
    SHOW_CUSTOMER_PLACE,
    SHOW_INVITATION_PLACE,
    SHOW_MY_PAGE,
    SHOW_START,
)
from collaboration.http.contract.people import LIST_EMPLOYEES, SHOW_ME
from collaboration.http.contract.previews import PREVIEW
from collaboration.http.contract.recipients import (
    ASK_AGAIN,
    DECIDE,
    GET_RECIPIENT_INVITATION,
    HEAD_RECIPIENT_INVITATION,
    LEAVE_ASK_AGAIN,
    LEAVE_NOT_ME,
    REPORT_WRONG_RECIPIENT,
)
from collaboration.http.contract.reports import LIST_REPORTS
from collaboration.http.contract.solutions import LIST_SOLUTIONS
from collaboration.http.contract.summary import SHOW_SUMMARY

OPERATIONS: tuple[Operation[Value, Value], ...] = (
    SHOW_ME,
    LIST_EMPLOYEES,
    SHOW_SUMMARY,
    LIST_SOLUTIONS,
    LIST_CUSTOMERS,
    SHOW_CUSTOMER,
    PREVIEW,
    SEND_INVITATION,
    LIST_INVITATIONS,
    SHOW_INVITATION,
    SHOW_INVITATION_HISTORY,
    REMIND,
    RESEND,
    REVOKE,
    SEND_BATCH,
    ACTIVATE,
    GET_RECIPIENT_INVITATION,
    HEAD_RECIPIENT_INVITATION,
    DECIDE,
    ASK_AGAIN,
    REPORT_WRONG_RECIPIENT,
    LEAVE_ASK_AGAIN,
    LEAVE_NOT_ME,
    LIST_MY_SOLUTIONS,
    LIST_MY_INVITATIONS,
    DECIDE_MY_INVITATION,
    LIST_COLLABORATIONS,
    SHOW_COLLABORATION,
    SHOW_ACCESS,
    SHOW_HISTORY,
    LINK,
    UNLINK,
    SUGGEST_LINKS,
    EDIT,
    END,
    CANCEL_END,
    RESEND_LOGIN,
    LIST_MY_COLLABORATIONS,
    SHOW_MY_ACCESS,
    SHOW_MY_HISTORY,
    END_MINE,
    CANCEL_MY_END,
    PUT_OFFICE,
    GET_OFFICE,
    PUT_EMPLOYEE,
    GET_EMPLOYEE,
    PUT_CUSTOMER,
    GET_CUSTOMER,
    PUT_TASK,
    GET_TASK,
    PUT_ACCOUNT,
    GET_ACCOUNT,
    SHOW_ACCOUNT_ACCESS,
    IMPORT,
    MASS_UPDATE,
    RECORD_MAIL_EVENT,
    LIST_REPORTS,
    SHOW_OPENAPI,
    SHOW_DOCS,
    SHOW_DOCS_FILE,
    SHOW_HEALTH,
    SHOW_PROBLEM,
    SHOW_START,
    SHOW_CONSOLE,
    SHOW_CONSOLE_FILE,
    SHOW_CUSTOMER_PLACE,
    SHOW_COLLABORATION_PLACE,
    SHOW_INVITATION_PLACE,
    SHOW_MY_PAGE,
)
