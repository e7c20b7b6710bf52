"""Messages for tests."""
import email.message
import email.utils


def simple(number, text="Hello.", subject=None, sender="ada@example.org",
           to="charles@example.org"):
    """A small message as bytes with CRLF line ends; number is in its ID."""
    minute = number % 60 if isinstance(number, int) else 0
    return (f"From: Ada <{sender}>\r\nTo: <{to}>\r\n"
            f"Subject: {subject or f'Message {number}'}\r\n"
            f"Date: Mon, 15 Jul 2024 10:{minute:02}:00 +0000\r\n"
            f"Message-ID: <{number}@example.org>\r\n"
            f"Content-Type: text/plain; charset=utf-8\r\n\r\n"
            f"{text}\r\n").encode()


def with_attachment(number, data, name="data.bin"):
    m = email.message.EmailMessage()
    m["From"], m["To"] = "Ada <ada@example.org>", "charles@example.org"
    m["Subject"] = f"With attachment {number}"
    m["Date"] = email.utils.formatdate(1721037600)
    m["Message-ID"] = f"<attachment.{number}@example.org>"
    m.set_content("See the attachment.\n")
    m.add_alternative("<p>See the <b>attachment</b>.</p>\n", subtype="html")
    m.add_attachment(data, "application", "octet-stream", filename=name)
    return m.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
