"""What the exam day mounts in a classroom. Takes nothing; gives mounts."""
from __future__ import annotations

from dataclasses import replace

from testing_server.exam_day.console import api as console_api
from testing_server.exam_day.console import (
    archive_pages, closing_pages, disk_pages, home_pages, print_pages, purge_pages, sitting_pages, workstation_pages)
from testing_server.exam_day.console.after import list_after_mounts
from testing_server.exam_day.console.before import list_before_mounts
from testing_server.exam_day.handout import pages as handout_pages
from testing_server.exam_day.handout import tablet_pages
from testing_server.exam_day.packages import internal as package_reports
from testing_server.exam_day.packages import pages as purge_answers
from testing_server.exam_day.recovery import backup_pages
from testing_server.exam_day.recovery import pages as recovery_pages
from testing_server.exam_day.recovery.standby import pages as handover_pages
from testing_server.exam_day.plain_seats import pages as plain_seat_pages
from testing_server.exam_day.rehearsals import room_pages as rehearsal_pages
from testing_server.exam_day.responses import internal as response_reports
from testing_server.exam_day.responses import pages as response_pages
from testing_server.exam_day.responses.live import join_seats
from testing_server.exam_day.safe_exam_browser import pages as seb_pages
from testing_server.exam_day.sittings import internal as archive_reports
from testing_server.exam_day.sittings import pages as seat_pages
from testing_server.exam_day.training import internal as training_reports
from testing_server.exam_day.workstations import file_pages as pairing_file_pages
from testing_server.exam_day.workstations import pages as kiosk_pages
from testing_server.foundation.mounts import Mount


def classroom_mounts() -> list[Mount]:
    """Kiosks' endpoints, the worker's, then the console's pages in the order of the menu."""
    return [replace(response_pages.MOUNT, live=join_seats), seat_pages.MOUNT, kiosk_pages.MOUNT,
            pairing_file_pages.MOUNT,
            plain_seat_pages.MOUNT,
            archive_reports.MOUNT, training_reports.MOUNT, response_reports.MOUNT, package_reports.MOUNT,
            console_api.MOUNT,
            home_pages.MOUNT, disk_pages.MOUNT, archive_pages.MOUNT, workstation_pages.MOUNT, print_pages.MOUNT,
            *list_before_mounts(), sitting_pages.MOUNT,
            closing_pages.MOUNT, recovery_pages.MOUNT, backup_pages.MOUNT, purge_pages.MOUNT, purge_answers.MOUNT,
            handout_pages.MOUNT, tablet_pages.MOUNT,
            handover_pages.MOUNT, rehearsal_pages.MOUNT,
            seb_pages.MOUNT, *list_after_mounts()]
