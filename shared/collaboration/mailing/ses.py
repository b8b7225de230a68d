"""SES takes the mails: who sends, how a mail is marked so that its fate can be told, and when it was not taken."""

from email.utils import formataddr
from typing import TYPE_CHECKING

from collaboration.domain.model.mail import Mail, MailRecipient
from collaboration.mailing.outbox import SendError
from collaboration.mailing.rendering import headers, render, sender_name

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client


class Ses:
    """SES v2.

    Args:
        client: an SES client that does not retry by itself: a retry could send a mail twice.
        sender: the verified address that mails come from.
        configuration_set: tells the house what became of a mail.
    """

    def __init__(self, client: "SESV2Client", sender: str, configuration_set: str) -> None:
        self._client = client
        self._sender = sender
        self._configuration_set = configuration_set

    def send(self, mail: Mail, reader: MailRecipient, link: str | None) -> str:
        """Hand a mail over, and tell SES's id of it.

        Raises:
            NotSent: SES does not take it now.
        """
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

        text = render(mail.content, reader, mail.locale, link)
        try:
            answer = self._client.send_email(
                # Encoded as RFC 2047 has it: a header is ASCII, and an office's name need not be.
                FromEmailAddress=formataddr((sender_name(mail.content, mail.locale), self._sender)),
                Destination={"ToAddresses": [reader.email]},
                Content={
                    "Simple": {
                        "Subject": {"Data": text.subject, "Charset": "UTF-8"},
                        "Body": {
                            "Text": {"Data": text.text, "Charset": "UTF-8"},
                            "Html": {"Data": text.html, "Charset": "UTF-8"},
                        },
                        "Headers": [{"Name": name, "Value": value} for name, value in headers().items()],
                    }
                },
                ConfigurationSetName=self._configuration_set,
                EmailTags=[
                    {"Name": "agreement", "Value": mail.agreement},
                    {"Name": "mail", "Value": mail.id},
                    {"Name": "reader", "Value": reader.key},
                ],
            )
        except (ClientError, BotoCoreError) as error:
            raise SendError(type(error).__name__) from error
        return answer["MessageId"]
