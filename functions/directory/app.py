"""The platform syncs its directory, one value or many at once, imports, reports mail events, and reads reports."""

from collaboration.composition import app
from collaboration.http.dispatch import Api

handler = Api(
    app,
    {
        "directory": (
            "PUT /platform/offices/{officeId}",
            "GET /platform/offices/{officeId}",
            "PUT /platform/offices/{officeId}/employees/{employeeId}",
            "GET /platform/offices/{officeId}/employees/{employeeId}",
            "PUT /platform/offices/{officeId}/customers/{customerId}",
            "GET /platform/offices/{officeId}/customers/{customerId}",
            "PUT /platform/offices/{officeId}/customers/{customerId}/tasks/{taskId}",
            "GET /platform/offices/{officeId}/customers/{customerId}/tasks/{taskId}",
            "PUT /platform/accounts/{accountId}",
            "GET /platform/accounts/{accountId}",
        ),
        "account_access": ("GET /platform/accounts/{accountId}/access",),
        "imports": ("POST /platform/offices/{officeId}/collaborations/import",),
        "mass_updates": ("POST /platform/offices/{officeId}/tasks/mass-update",),
        "mail_events": ("POST /platform/mail-events",),
        "reports": ("GET /platform/reports",),
    },
)
