"""What the hub mounts of this stage."""
from testing_server.foundation.mounts import Mount
from testing_server.preparation.amendments import pages as amendment_pages
from testing_server.preparation.amendments import round_pages
from testing_server.preparation.applications import coordinator_pages as applications_pages
from testing_server.preparation.applications import pages as application_pages
from testing_server.preparation.campaigns import pages as campaign_pages
from testing_server.preparation.codes import pages as code_pages
from testing_server.preparation.codes.retention import register_keepers as register_codes
from testing_server.preparation.enrolment import api as enrolment_api
from testing_server.preparation.exports import pages as export_pages
from testing_server.preparation.materials import api as materials_api
from testing_server.preparation.materials import order_pages
from testing_server.preparation.materials import pages as school_pages
from testing_server.preparation.materials.retention import register_keepers as register_archives
from testing_server.preparation.questionnaires import coordinator_pages as questionnaires_pages
from testing_server.preparation.questionnaires import pages as questionnaire_pages
from testing_server.preparation.people.mounts import hub_mounts as people_mounts
from testing_server.preparation.registry import pages as registry_pages
from testing_server.preparation.registry import zone_pages
from testing_server.preparation.registry.revisions import pages as revision_pages
from testing_server.preparation.release import api as release_api
from testing_server.preparation.release import pages as release_pages
from testing_server.preparation.release import telephone_pages
from testing_server.preparation.retention import pages as retention_pages
from testing_server.preparation.rosters import api as rosters_api
from testing_server.preparation.rosters.retention import register_keepers as register_rosters
from testing_server.preparation.schedule import coordinator_pages as schedules_pages
from testing_server.preparation.schedule import pages as schedule_pages
from testing_server.preparation.sheets.retention import register_keepers as register_sheets
from testing_server.preparation.software import pages as software_pages


def hub_mounts() -> list[Mount]:
    """Programs' endpoints first, then pages in the order of the menu."""
    for register in (register_sheets, register_archives, register_rosters, register_codes):
        register()
    return [enrolment_api.MOUNT, materials_api.MOUNT, release_api.MOUNT, rosters_api.MOUNT,
            school_pages.MOUNT, campaign_pages.MOUNT, code_pages.MOUNT, registry_pages.MOUNT,
            revision_pages.MOUNT, zone_pages.MOUNT, *people_mounts(), order_pages.MOUNT,
            amendment_pages.MOUNT, round_pages.MOUNT, release_pages.MOUNT, telephone_pages.MOUNT,
            export_pages.MOUNT, application_pages.MOUNT, applications_pages.MOUNT, schedule_pages.MOUNT,
            schedules_pages.MOUNT,
            questionnaire_pages.MOUNT, questionnaires_pages.MOUNT, software_pages.MOUNT,
            retention_pages.MOUNT]
