"""What phones and links do: positions, arrivals, reports, uploads."""

from tracking.actions.etas import project_etas
from tracking.actions.positions import Intake, record_positions
from tracking.actions.reports import ResultRow, Said, apply_reports
from tracking.actions.uploads import file_of, take_upload

__all__ = [
    "Intake", "ResultRow", "Said", "apply_reports", "file_of", "project_etas", "record_positions", "take_upload",
]
