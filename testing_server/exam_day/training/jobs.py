"""Making the archive of a demonstration work, in the worker. Takes the work's name; tells the core what it made."""
from __future__ import annotations

import os
import shutil
from typing import Any

from task_bank.sealing import ArchiveAbout, describe_archive, write_unencrypted
from testing_server.contracts.versions import PROTOCOL
from testing_server.exam_day.sittings.jobs import archive_folder
from testing_server.exam_day.training.rules import CAMPAIGN, VARIANTS
from testing_server.foundation.jobs import JobContext, job
from testing_server.preparation.materials.packages import SHIPPED

REPORT = "/v1/internal/training"


@job
def make_demonstration(context: JobContext, name: str, day: str, at_ms: int, seed: int) -> None:
    """Repeatable: the same seed gives the same archive, which takes the place of an earlier one."""
    # here: the core names this job and never assembles a work
    from task_bank.packages import open_package
    from task_bank.sealing.contents import Gathered, build_materials_entries
    from task_bank.variants import assemble, deliver
    bench = context.settings.data / "archives" / f".training-{name}"
    shutil.rmtree(bench, ignore_errors=True)
    package, gathered = open_package(SHIPPED / name), Gathered()
    variants = assemble(package.assessment, CAMPAIGN, VARIANTS, seed)
    deliveries = gathered.watch(deliver(package, variant, seed) for variant in variants)
    written = write_unencrypted(build_materials_entries(package, deliveries), bench)
    about = ArchiveAbout(kind="materials", campaign=CAMPAIGN, school="", assessment=package.assessment.id, day=day,
                         sealed_at_ms=at_ms, opens_at_ms=at_ms, protocol=PROTOCOL)
    target = archive_folder(context.settings.data, written.sha256)
    target.mkdir(parents=True, exist_ok=True)
    os.replace(written.archive_path, target / written.archive_path.name)
    shutil.rmtree(bench)
    told: dict[str, Any] = {"payload": describe_archive(about, written, gathered),
                            "title": dict(package.assessment.title)}
    context.report_to_core(REPORT, told)
