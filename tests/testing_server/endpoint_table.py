"""Who may use what: every method and address of a classroom and a hub, written by hand and not read from the code.

Each line is a method, an address and who passes. `anyone`, `signed_in` (a person of any role), `seat` (any paired
workstation), `own_seat` (the workstation the address is about), `school` (a classroom server at its hub), `own_school`
(only what is that school's), `worker` (our own process on loopback), or the name of a right of foundation.rights,
whose roles pass. A new endpoint that is not here fails test_endpoints.py: add its line, and think about it.
"""

CLASSROOM = """
GET     /                                                                  signed_in
POST    /acted                                                             signed_in
POST    /answer-files/<attempt>/<sha256>/write-off                         close
GET     /archives                                                          bring_archives
GET     /archives/<archive>                                                bring_archives
POST    /archives/<archive>/fetch                                          bring_archives
GET     /archives/<archive>/look/<variant>/<int:position>                  bring_archives
GET     /archives/<archive>/media/<sha256>                                 bring_archives
POST    /archives/<archive>/open                                           open_archives
POST    /archives/<archive>/open-by-hub                                    open_archives
GET     /archives/<archive>/state                                          bring_archives
POST    /archives/ask                                                      bring_archives
GET     /archives/list                                                     bring_archives
POST    /archives/upload                                                   bring_archives
POST    /attempts/<attempt>/missing                                        close
GET     /codes                                                             see_codes
GET     /codes/<day>/<campaign>/name-protocol.pdf                          see_codes
GET     /codes/<day>/<campaign>/slips.pdf                                  see_codes
POST    /codes/fetch                                                       see_codes
POST    /codes/upload                                                      see_codes
GET     /connect                                                           watch_room
POST    /connect                                                           run_school
GET     /disk                                                              watch_room
POST    /disk/ballast                                                      conduct
GET     /exam.seb                                                          anyone
GET     /first-steps                                                       anyone
POST    /first-steps                                                       anyone
GET     /handout                                                           care_for_workstations
GET     /install                                                           anyone
GET     /install.py                                                        anyone
GET     /key/file                                                          run_school
POST    /key/unlock                                                        open_archives
POST    /language                                                          anyone
GET     /lock                                                              signed_in
POST    /lock                                                              signed_in
POST    /lock/open                                                         signed_in
GET     /names/<day>/<campaign>                                            see_codes
POST    /names/<day>/<campaign>                                            see_codes
POST    /names/<day>/<campaign>/erase                                      see_codes
POST    /names/<day>/<campaign>/open                                       see_codes
GET     /packages/<package>/file                                           close
GET     /packages/<package>/receipt                                        close
POST    /packages/<package>/send                                           close
GET     /password                                                          signed_in
POST    /password                                                          signed_in
GET     /receipts                                                          close
POST    /receipts                                                          close
GET     /recordings/<attempt>/<int:lease>/<int:number>.flac                conduct
POST    /recordings/<attempt>/<int:lease>/<int:number>/write-off           close
GET     /rehearsals                                                        watch_room
POST    /rehearsals                                                        conduct
GET     /rehearsals/<run>                                                  watch_room
GET     /rehearsals/<run>/certificate.json                                 watch_room
GET     /rehearsals/<run>/certificate.pdf                                  watch_room
GET     /rehearsals/<run>/state                                            watch_room
POST    /rehearsals/<run>/stop                                             conduct
GET     /room                                                              watch_room
POST    /room                                                              care_for_workstations
GET     /safe-exam-browser                                                 care_for_workstations
POST    /safe-exam-browser                                                 care_for_workstations
GET     /seat                                                              anyone
GET     /seat/                                                             anyone
GET     /seat/classroom-authority.crt                                      anyone
GET     /seat/static/<path:name>                                           anyone
GET     /server                                                            watch_room
POST    /server/awaited/<attempt>                                          replace_server
GET     /server/backup                                                     watch_room
POST    /server/backup                                                     replace_server
GET     /server/drives                                                     watch_room
POST    /server/lead                                                       replace_server
GET     /server/state                                                      watch_room
POST    /server/works                                                      replace_server
GET     /second-factor                                                     signed_in
POST    /second-factor                                                     signed_in
GET     /sign-in                                                           anyone
POST    /sign-in                                                           anyone
GET     /sign-in/code                                                      anyone
POST    /sign-in/code                                                      anyone
POST    /sign-out                                                          signed_in
GET     /sittings/<sitting>                                                watch_room
POST    /sittings/<sitting>/attempts/<attempt>/<presence>                  conduct
POST    /sittings/<sitting>/balance                                        close
POST    /sittings/<sitting>/cancel                                         conduct
POST    /sittings/<sitting>/close                                          close
GET     /sittings/<sitting>/closing                                        close
POST    /sittings/<sitting>/erase                                          close
GET     /sittings/<sitting>/evacuation                                     conduct
POST    /sittings/<sitting>/evacuation                                     conduct
GET     /sittings/<sitting>/evacuation/banner                              watch_room
POST    /sittings/<sitting>/evacuation/end                                 conduct
GET     /sittings/<sitting>/evacuation/list.pdf                            conduct
GET     /sittings/<sitting>/evacuation/state                               conduct
POST    /sittings/<sitting>/incidents                                      note_incidents
POST    /sittings/<sitting>/open                                           conduct
POST    /sittings/<sitting>/package                                        close
GET     /sittings/<sitting>/packages                                       close
POST    /sittings/<sitting>/purge                                          close
GET     /sittings/<sitting>/purges                                         close
POST    /sittings/<sitting>/receipt                                        close
GET     /sittings/<sitting>/reports                                        close
POST    /sittings/<sitting>/reports/<document>                             close
GET     /sittings/<sitting>/reports/<document>.pdf                         close
GET     /sittings/<sitting>/seating                                        watch_room
POST    /sittings/<sitting>/seating                                        conduct
GET     /sittings/<sitting>/seats/<attempt>                                watch_room
POST    /sittings/<sitting>/seats/<attempt>/move                           conduct
GET     /sittings/<sitting>/seats/<attempt>/relocate                       conduct
GET     /sittings/<sitting>/seats/<attempt>/replay                         conduct
POST    /sittings/<sitting>/seats/<attempt>/reserve-day                    conduct
POST    /sittings/<sitting>/seats/<attempt>/transfer                       conduct
GET     /sittings/<sitting>/standing                                       watch_room
GET     /sittings/<sitting>/state                                          close
GET     /sittings/new                                                      conduct
POST    /sittings/new                                                      conduct
GET     /staff                                                             run_school
POST    /staff                                                             run_school
POST    /staff/<login>/close                                               run_school
GET     /static/<path:filename>                                            anyone
GET     /support                                                           watch_room
POST    /support/bundle                                                    watch_room
GET     /tablet                                                            anyone
GET     /tablets                                                           care_for_workstations
GET     /today                                                             watch_room
GET     /today/unsent                                                      watch_room
GET     /training                                                          conduct
POST    /training                                                          conduct
GET     /training/archives                                                 conduct
GET     /v1/archives-here                                                  bring_archives
POST    /v1/archives-here/<archive>/fetch                                  bring_archives
POST    /v1/archives-here/<archive>/open                                   open_archives
POST    /v1/archives-here/ask                                              bring_archives
POST    /v1/attempts/<attempt>/missing                                     close
GET     /v1/attempts/<attempt_id>/directives                               own_seat
POST    /v1/attempts/<attempt_id>/events                                   own_seat
GET     /v1/attempts/<attempt_id>/history                                  own_seat
PUT     /v1/attempts/<attempt_id>/purge                                    own_seat
POST    /v1/attempts/sign-in                                               seat
GET     /v1/claims                                                         anyone
POST    /v1/claims                                                         anyone
GET     /v1/handout                                                        anyone
GET     /v1/handout/files/<name>                                           anyone
GET     /v1/handout/probe                                                  seat
GET     /v1/handover                                                       school
POST    /v1/handover                                                       anyone
GET     /v1/handover/ledgers/<sitting>                                     school
GET     /v1/health                                                         anyone
POST    /v1/hello                                                          anyone
POST    /v1/internal/archives/<archive>                                    worker
POST    /v1/internal/backup                                                worker
POST    /v1/internal/packages/<package>                                    worker
POST    /v1/internal/password-resets                                       worker
POST    /v1/internal/recordings/<attempt>/<int:lease>/<int:number>         worker
POST    /v1/internal/training                                              worker
POST    /v1/leases                                                         seat
PUT     /v1/ledgers                                                        seat
GET     /v1/ledgers/<sitting>                                              seat
PUT     /v1/ledgers/<sitting>/held                                         seat
POST    /v1/pair                                                           anyone
GET     /v1/pair/<pairing_id>                                              anyone
POST    /v1/pair/<pairing_id>                                              anyone
POST    /v1/pair/by-file                                                   anyone
GET     /v1/pairings                                                       care_for_workstations
POST    /v1/pairings/<pairing>/confirm                                     care_for_workstations
GET     /v1/place                                                          anyone
POST    /v1/promotion                                                      worker
POST    /v1/recordings-here/<attempt>/<int:lease>/<int:number>/write-off   close
GET     /v1/room                                                           watch_room
POST    /v1/room/enrol                                                     run_school
POST    /v1/room/first-steps                                               anyone
POST    /v1/room/unlock                                                    open_archives
GET     /v1/rosters-here                                                   see_codes
POST    /v1/rosters-here/fetch                                             see_codes
POST    /v1/sittings                                                       conduct
POST    /v1/sittings/<sitting>/balance                                     close
POST    /v1/sittings/<sitting>/close                                       close
GET     /v1/sittings/<sitting>/closing                                     close
POST    /v1/sittings/<sitting>/commands                                    conduct
POST    /v1/sittings/<sitting>/incidents                                   note_incidents
GET     /v1/sittings/<sitting>/live                                        watch_room
POST    /v1/sittings/<sitting>/open                                        conduct
POST    /v1/sittings/<sitting>/package                                     close
POST    /v1/time                                                           seat
POST    /v1/works                                                          seat
GET     /v1/workstations                                                   watch_room
PUT     /v1/workstations/<workstation_id>/check                            own_seat
PUT     /v1/workstations/<workstation_id>/test-recording                   own_seat
GET     /workstations                                                      care_for_workstations
POST    /workstations/<workstation>/<move>                                 care_for_workstations
GET     /workstations/<workstation>/check                                  care_for_workstations
GET     /workstations/<workstation>/test-recording.flac                    care_for_workstations
POST    /workstations/exit-code                                            care_for_workstations
GET     /workstations/list                                                 care_for_workstations
POST    /workstations/pair/<pairing>                                       care_for_workstations
GET     /workstations/pairing-files                                        care_for_workstations
POST    /workstations/pairing-files                                        care_for_workstations
POST    /workstations/pairing-files/<file>/withdraw                        care_for_workstations
GET     /workstations/waiting                                              care_for_workstations
"""

HUB = """
GET     /                                                                  signed_in
GET     /commission                                                        lead_commission
GET     /commission/<archive>                                              lead_commission
POST    /commission/<archive>/freeze                                       lead_commission
GET     /commission/figures                                                lead_commission
GET     /commission/figures/part                                           lead_commission
GET     /commission/people                                                 lead_commission
POST    /commission/people                                                 lead_commission
POST    /commission/people/<commission>/<expert>/remark                    lead_commission
POST    /commission/people/<commission>/<expert>/state                     lead_commission
POST    /commission/people/<commission>/listed                             lead_commission
POST    /commission/people/<commission>/seats                              lead_commission
GET     /commission/referrals                                              lead_commission
POST    /commission/referrals/<int:referral>                               lead_commission
GET     /commission/standards                                              lead_commission
POST    /commission/standards                                              lead_commission
POST    /commission/<archive>/correct                                      lead_commission
GET     /commission/<archive>/protocol.json                                lead_commission
GET     /commission/corrections/<correction>                               lead_commission
POST    /commission/corrections/<correction>/apply                         lead_commission
POST    /commission/corrections/<correction>/drop                          lead_commission
GET     /commission/keys                                                   lead_commission
GET     /commission/keys/<assessment>/<item>                               lead_commission
POST    /commission/keys/<assessment>/<item>                               lead_commission
GET     /commission/keys/<assessment>/<item>.xml                           lead_commission
GET     /campaigns/<campaign>/rules                                        coordinate serve_own_school
GET     /coordinator/campaigns                                             coordinate
GET     /coordinator/campaigns/<campaign>/applications                     coordinate
POST    /coordinator/campaigns/<campaign>/applications/file                coordinate
GET     /coordinator/campaigns/<campaign>/applications/<school>            coordinate
POST    /coordinator/campaigns/<campaign>/applications/<school>            coordinate
POST    /coordinator/campaigns/<campaign>/applications/<school>/confirm    coordinate
GET     /coordinator/campaigns/<campaign>/applications.xlsx                coordinate
GET     /coordinator/campaigns/<campaign>/questionnaires/<questionnaire>   coordinate
GET     /coordinator/campaigns/<campaign>/questionnaires/<questionnaire>.xlsx coordinate
GET     /coordinator/campaigns/<campaign>/schedule                         coordinate
POST    /coordinator/campaigns/<campaign>/schedule/<school>/reserve        coordinate
GET     /coordinator/campaigns/<campaign>/schedule.xlsx                    coordinate
GET     /school/campaigns                                                  serve_own_school
GET     /school/campaigns/<campaign>/application                           serve_own_school
POST    /school/campaigns/<campaign>/application                           serve_own_school
POST    /school/campaigns/<campaign>/application/file                      serve_own_school
GET     /school/campaigns/<campaign>/application.xlsx                      serve_own_school
GET     /school/campaigns/<campaign>/questionnaires/<questionnaire>        serve_own_school
POST    /school/campaigns/<campaign>/questionnaires/<questionnaire>        serve_own_school
POST    /school/campaigns/<campaign>/questionnaires/<questionnaire>/file   serve_own_school
GET     /school/campaigns/<campaign>/questionnaires/<questionnaire>.xlsx   serve_own_school
GET     /school/campaigns/<campaign>/schedule                              serve_own_school
POST    /school/campaigns/<campaign>/schedule                              serve_own_school
POST    /school/campaigns/<campaign>/schedule/file                         serve_own_school
POST    /school/campaigns/<campaign>/schedule/reserve                      serve_own_school
GET     /school/campaigns/<campaign>/schedule.xlsx                         serve_own_school
GET     /coordinator                                                       coordinate
GET     /coordinator/audit                                                 coordinate
GET     /coordinator/archives/<archive>                                    coordinate
POST    /coordinator/archives/<archive>/cipher                             coordinate
POST    /coordinator/archives/<archive>/move                               coordinate
POST    /coordinator/archives/<archive>/withdraw                           coordinate
GET     /coordinator/board.xlsx                                            coordinate
GET     /coordinator/concerns                                              coordinate
GET     /coordinator/experts                                               coordinate
GET     /coordinator/marking                                               coordinate
GET     /coordinator/marking/part                                          coordinate
GET     /coordinator/referrals                                             coordinate
POST    /coordinator/experts                                               coordinate
POST    /coordinator/experts/password                                      coordinate
GET     /coordinator/live                                                  coordinate
GET     /coordinator/live/<school>/<sitting>                               coordinate
GET     /coordinator/credentials                                           pass_credentials
POST    /coordinator/credentials                                           pass_credentials
GET     /coordinator/credentials/<batch>                                   pass_credentials
POST    /coordinator/credentials/<batch>/destroy                           pass_credentials
POST    /coordinator/credentials/<batch>/file                              pass_credentials
GET     /coordinator/credentials/<batch>/state                             pass_credentials
GET     /coordinator/credentials/trace.xlsx                                pass_credentials
GET     /coordinator/experts-lists                                         coordinate
POST    /coordinator/experts-lists                                         list_experts
POST    /coordinator/experts-lists/<expert>/strike                         list_experts
GET     /coordinator/experts-lists/list.xlsx                               coordinate
POST    /coordinator/experts-lists/upload                                  list_experts
GET     /coordinator/numbers                                               coordinate
GET     /coordinator/numbers/numbers.xlsx                                  coordinate
GET     /coordinator/people                                                coordinate
POST    /coordinator/people                                                appoint_below
POST    /coordinator/people/<login>/close                                  appoint_below
POST    /coordinator/people/<login>/password                               appoint_below
POST    /coordinator/people/<login>/telephone                              appoint_below
GET     /coordinator/rehearsals                                            coordinate
GET     /coordinator/rehearsals/<certificate>/certificate.pdf              coordinate
GET     /coordinator/materials                                             coordinate
POST    /coordinator/materials                                             coordinate
GET     /coordinator/materials/change                                      coordinate
POST    /coordinator/materials/change                                      coordinate
GET     /coordinator/materials/list                                        coordinate
GET     /coordinator/packages                                              coordinate
POST    /coordinator/packages/<upload>/release                             coordinate
POST    /coordinator/packages/<upload>/verify                              coordinate
GET     /coordinator/packages/list                                         coordinate
GET     /coordinator/readiness                                             coordinate
GET     /coordinator/releases                                              coordinate
POST    /coordinator/releases/<slot>/halves                                coordinate
POST    /coordinator/releases/<slot>/postponement                          coordinate
GET     /coordinator/releases/<slot>/slot.json                             coordinate
GET     /coordinator/releases/kits/<day>.json                              coordinate
GET     /coordinator/receipts                                              coordinate
POST    /coordinator/receipts                                              coordinate
GET     /coordinator/remind                                                coordinate
POST    /coordinator/remind                                                coordinate
GET     /coordinator/reminders                                             coordinate
GET     /coordinator/retention                                             coordinate
GET     /coordinator/retention/<campaign>/<kind>                           decide_deletions
POST    /coordinator/retention/<campaign>/<kind>/delete                    decide_deletions
POST    /coordinator/retention/<campaign>/<kind>/hold                      decide_deletions
POST    /coordinator/retention/holds/<hold_id>/lift                        decide_deletions
GET     /coordinator/schools                                               coordinate
POST    /coordinator/schools                                               coordinate
GET     /coordinator/schools/<school>                                      coordinate
POST    /coordinator/schools/<school>/codes                                coordinate
POST    /coordinator/schools/<school>/credentials                          coordinate
POST    /coordinator/schools/<school>/materials                            coordinate
POST    /coordinator/schools/<school>/organizers                           coordinate
POST    /coordinator/schools/<school>/organizers/<login>/close             coordinate
POST    /coordinator/schools/<school>/organizers/<login>/password          coordinate
GET     /coordinator/schools/<school>/sealings                             coordinate
GET     /coordinator/schools/<school>/zone                                 coordinate
POST    /coordinator/schools/<school>/zone                                 coordinate
GET     /coordinator/schools/list.xlsx                                     coordinate
GET     /coordinator/schools/revisions                                     coordinate
POST    /coordinator/schools/revisions                                     coordinate
GET     /coordinator/schools/revisions/<revision>                          coordinate
POST    /coordinator/schools/revisions/<revision>/apply                    coordinate
GET     /coordinator/schools/revisions/<revision>/state                    coordinate
POST    /coordinator/schools/revisions/<revision>/undo                     coordinate
GET     /coordinator/zones                                                 coordinate
POST    /coordinator/zones/<request_id>                                    decide_zones
GET     /appeals                                                           see_results
POST    /appeals                                                           see_results
GET     /coordinator/forms                                                 coordinate
GET     /coordinator/forms/<campaign>/<work>                               coordinate
GET     /coordinator/forms/<campaign>/<work>.xlsx                          coordinate
GET     /coordinator/forms/<campaign>/<work>/schools/<school>              coordinate
GET     /coordinator/forms/<campaign>/<work>/schools/<school>/versions/<int:version>.xlsx coordinate
GET     /coordinator/telephone                                             coordinate
POST    /coordinator/telephone                                             coordinate
POST    /coordinator/telephone/<told>/approve                              coordinate
POST    /coordinator/telephone/<told>/digits                               coordinate
POST    /coordinator/telephone/kit                                         coordinate
POST    /language                                                          anyone
GET     /marking                                                           mark
GET     /marking/counts                                                    mark
GET     /marking/desk                                                      mark
GET     /marking/figures                                                   mark
GET     /marking/files/<sha256>                                            mark
GET     /marking/forms                                                     mark
GET     /marking/forms/<campaign>/<work>/<school>                          mark
POST    /marking/forms/<campaign>/<work>/<school>                          mark
GET     /marking/forms/<campaign>/<work>/<school>/form.xlsx                mark
GET     /marking/forms/<campaign>/<work>/<school>/criteria.xlsx            mark
GET     /marking/kits                                                      mark
POST    /marking/kits                                                      mark
GET     /marking/kits/<uuid:kit>.kit                                       mark
GET     /marking/kits/<uuid:kit>.receipt                                   mark
POST    /marking/kits/<uuid:kit>/close                                     mark
POST    /marking/kits/marks                                                mark
GET     /marking/media/<archive>/<sha256>                                  mark
GET     /marking/recordings/<sha256>                                       mark
POST    /acted                                                             signed_in
GET     /lock                                                              signed_in
POST    /lock                                                              signed_in
POST    /lock/open                                                         signed_in
GET     /password                                                          signed_in
POST    /password                                                          signed_in
GET     /results                                                           see_results
GET     /results/<archive>.csv                                             take_form
GET     /results/<archive>/qti.zip                                         take_form
POST    /results/<archive>/hand-over                                       lead_commission
GET     /results/<archive>.xlsx                                            take_form
GET     /school                                                            serve_own_school
GET     /school/archives/<archive>/<name>                                  serve_own_school
GET     /school/archives/<archive>/cipher                                  serve_own_school
GET     /school/codes                                                      serve_own_school
GET     /school/codes/<day>                                                serve_own_school
GET     /school/codes/<day>/electronic-protocol.xlsx                       serve_own_school
GET     /school/codes/<day>/name-protocol.pdf                              serve_own_school
GET     /school/codes/<day>/slips.pdf                                      serve_own_school
GET     /school/forms                                                      serve_own_school
GET     /school/forms/<campaign>/<work>                                    serve_own_school
POST    /school/forms/<campaign>/<work>                                    serve_own_school
GET     /school/forms/<campaign>/<work>/form.xlsx                          serve_own_school
GET     /school/forms/<campaign>/<work>/versions/<int:version>.xlsx        serve_own_school
GET     /school/results/<campaign>/<work>                                  serve_own_school
GET     /school/results/<campaign>/<work>.xlsx                             serve_own_school
GET     /school/numbers                                                    serve_own_school
POST    /school/numbers                                                    serve_own_school
GET     /school/packages                                                   serve_own_school
GET     /school/packages/<package>/receipt                                 serve_own_school
GET     /school/packages/<package>/receipt.json                            serve_own_school
POST    /school/reminders/<reminder>/seen                                  serve_own_school
GET     /second-factor                                                     signed_in
POST    /second-factor                                                     signed_in
GET     /sign-in                                                           anyone
POST    /sign-in                                                           anyone
GET     /sign-in/code                                                      anyone
POST    /sign-in/code                                                      anyone
POST    /sign-out                                                          signed_in
GET     /static/<path:filename>                                            anyone
GET     /v1/archives                                                       school
GET     /v1/archives/<archive>                                             school
GET     /v1/archives/<archive>/key.age                                     school
GET     /v1/archives/<archive>/statement                                   school
GET     /v1/health                                                         anyone
POST    /v1/internal/credentials/<batch>                                   worker
POST    /v1/internal/revisions/<revision>                                  worker
POST    /v1/internal/amendments/<archive>                                  worker
POST    /v1/internal/deletions/<deletion>                                  worker
POST    /v1/internal/sealings/<sealing>                                    worker
POST    /v1/internal/uploads/<upload>/verdict                              worker
GET     /v1/keys                                                           anyone
POST    /v1/kits                                                           mark
POST    /v1/marking/ahead                                                  mark
GET     /v1/marking/figures                                                mark
GET     /v1/marking/listening/<sha256>                                     mark
POST    /v1/marking/next                                                   mark
POST    /v1/marking/refer                                                  mark
POST    /v1/marking/return                                                 mark
POST    /v1/marking/save                                                   mark
POST    /v1/marking/take                                                   mark
POST    /v1/marking/undo                                                   mark
GET     /v1/board                                                          coordinate
GET     /v1/board/changes                                                  coordinate
GET     /v1/monitor/sittings                                               coordinate
GET     /v1/monitor/sittings/changes                                       coordinate
GET     /v1/monitor/sittings/<school>/<sitting>                            coordinate
OPTIONS /v1/packages                                                       anyone
POST    /v1/packages                                                       school serve_own_school coordinate
GET     /v1/packages/<package>/receipt                                     school serve_own_school
DELETE  /v1/packages/<upload>                                              school serve_own_school coordinate
HEAD    /v1/packages/<upload>                                              school serve_own_school coordinate
PATCH   /v1/packages/<upload>                                              school serve_own_school coordinate
POST    /v1/packages/<upload>                                              school serve_own_school coordinate
GET     /v1/releases/<archive>                                             school
POST    /v1/rehearsals                                                     school
POST    /v1/reports                                                        school
GET     /v1/rosters/<school>/<day>                                         school
POST    /v1/schools/enrol                                                  anyone
POST    /v1/session                                                        anyone
"""

# what a locked console still shows or does
SEEN_LOCKED = """
GET     /disk
GET     /lock
POST    /lock
POST    /lock/open
POST    /sign-out
GET     /sittings/<sitting>
GET     /sittings/<sitting>/evacuation/banner
GET     /sittings/<sitting>/standing
GET     /v1/sittings/<sitting>/live
"""

CLASSROOM_FILES = """
GET     /v1/bundles/<sha256>                                               seat
GET     /v1/files/<attempt>/<sha256>                                       seat
GET     /v1/handover/files                                                 school
GET     /v1/handover/files/<attempt>/<sha256>                              school
GET     /v1/handover/parts                                                 school
PUT     /v1/files/<attempt>/<sha256>                                       seat
PUT     /v1/recordings/<attempt>/<int:lease>/<int:number>/parts/<int:part_no> seat
"""

HUB_FILES = """
GET     /v1/files/<sha256>                                                 ticket
"""

# namespace and event, then who passes; what a person may watch is SCOPES
CLASSROOM_EVENTS = """
/ connect       signed_in
/ watch         signed_in
/ unwatch       signed_in
/seat connect    seat
/seat disconnect seat
/seat level      own_seat
"""

HUB_EVENTS = """
/ connect       signed_in
/ watch         signed_in
/ unwatch       signed_in
/school connect  school
"""

# what a person may watch: the first word of a scope, then the right
CLASSROOM_SCOPES = """
sitting         watch_room
workstations    watch_room
archives        watch_room
packages        watch_room
rehearsals      watch_room
"""

HUB_SCOPES = """
monitor         coordinate
packages        coordinate
credentials     coordinate
revision        coordinate
sealing         coordinate
sealings        coordinate
marking         mark coordinate
"""
