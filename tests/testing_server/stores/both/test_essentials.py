"""What the hub lives by, on the stores of a country: the tests of one machine once more, over `hub` of this folder.

Each is written and explained where it lives; here it gets PostgreSQL and S3.
"""
from tests.testing_server.exam_day.monitor import test_board as board
from tests.testing_server.exam_day.reception import test_acceptance as acceptance
from tests.testing_server.exam_day.reception import test_quarantine as quarantine
from tests.testing_server.exam_day.reception import test_recalled as recalled
from tests.testing_server.exam_day.reception import test_upload as upload
from tests.testing_server.marking import test_retention as marking_retention
from tests.testing_server.marking import test_review as review
from tests.testing_server.preparation import test_release as release

ESSENTIAL = (
    board.test_sums_of_territories_agree_with_their_schools,
    acceptance.test_a_package_is_answered_with_a_signed_receipt, acceptance.test_marking_finds_answers_and_sound,
    acceptance.test_a_repeated_job_records_nothing_twice,
    acceptance.test_a_later_package_of_the_sitting_takes_the_place_of_the_first,
    acceptance.test_a_package_that_lost_accepted_events_is_kept_aside,
    quarantine.test_a_cut_ciphertext_is_unreadable, quarantine.test_a_whole_package_replaces_the_damaged_one,
    recalled.test_work_on_withdrawn_materials_is_kept_aside_and_released_with_a_reason,
    upload.test_who_asks_again_for_the_same_file_goes_on_with_the_same_upload,
    upload.test_a_damaged_piece_changes_nothing, upload.test_a_later_call_goes_on_where_the_first_one_died,
    upload.test_an_upload_given_up_is_gone,
    review.test_many_experts_at_once_never_get_the_same_answer, review.test_own_marks_can_be_undone_and_given_again,
    review.test_an_answer_left_for_twenty_minutes_goes_to_another_and_the_first_cannot_save,
    review.test_saving_twice_with_one_version_is_refused,
    marking_retention.test_answers_and_marks_of_a_signed_work_go_and_its_protocol_stays,
    marking_retention.test_a_protocol_goes_by_the_term_of_result_forms,
    marking_retention.test_what_is_open_or_waits_for_a_new_signature_stays_whole,
    release.test_each_archive_opens_with_its_own_cipher_only, release.test_the_first_giving_is_audited_once)
globals().update({one.__name__: one for one in ESSENTIAL})
schools, sender = board.schools, upload.sender
