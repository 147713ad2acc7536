"""One JSON object a line, for log collectors: constant message, data beside it."""

import json
import logging
from datetime import UTC, datetime

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_NOT_DATA = frozenset({"request", "response", "server_time", "status_line", "color_message"})


class JsonFormatter(logging.Formatter):
    """Formats a record as JSON: at, level, logger, message, and whatever was given as `extra` (tenant, …)."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line; values that JSON does not know are written as text."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        left_out = _STANDARD | _NOT_DATA
        line |= {key: value for key, value in vars(record).items() if key not in left_out and not key.startswith("_")}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str, ensure_ascii=False)
