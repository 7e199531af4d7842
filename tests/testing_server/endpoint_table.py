"""Who may use what in a classroom: every method and address, written by hand and not read from the code.

The lines of a hub are in hub_endpoint_table.py.

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
GET     /commission                                                        lead_school_commission
GET     /commission/<archive>                                              lead_school_commission
POST    /commission/<archive>/correct                                      lead_school_commission
POST    /commission/<archive>/freeze                                       lead_school_commission
GET     /commission/<archive>/protocol.json                                lead_school_commission
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
GET     /marking                                                           mark_at_school
GET     /marking/counts                                                    mark_at_school
GET     /marking/desk                                                      mark_at_school
GET     /marking/files/<sha256>                                            mark_at_school
GET     /marking/media/<archive>/<sha256>                                  mark_at_school
GET     /marking/recordings/<sha256>                                       mark_at_school
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
GET     /school-marking                                                    name_school_experts
POST    /school-marking                                                    name_school_experts
GET     /school-marking/<archive>/form.xlsx                                take_school_form
GET     /school-marking/<archive>/protocol.json                            take_school_form
POST    /school-marking/experts/<login>/close                              name_school_experts
POST    /school-marking/experts/<login>/password                           name_school_experts
GET     /school-marking/works                                              name_school_experts
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
GET     /sittings/<sitting>/incidents                                      watch_room
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
POST    /staff/<login>/password                                            run_school
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
POST    /v1/marking/ahead                                                  mark_at_school
GET     /v1/marking/figures                                                mark_at_school
GET     /v1/marking/listening/<sha256>                                     mark_at_school
POST    /v1/marking/next                                                   mark_at_school
POST    /v1/marking/refer                                                  mark_at_school
POST    /v1/marking/return                                                 lead_school_commission
POST    /v1/marking/save                                                   mark_at_school
POST    /v1/marking/take                                                   lead_school_commission
POST    /v1/marking/undo                                                   mark_at_school
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

# what a locked console still shows or does
SEEN_LOCKED = """
GET     /disk
GET     /lock
POST    /lock
POST    /lock/open
POST    /sign-out
GET     /sittings/<sitting>
GET     /sittings/<sitting>/evacuation/banner
GET     /sittings/<sitting>/incidents
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

# namespace and event, then who passes; what a person may watch is SCOPES
CLASSROOM_EVENTS = """
/ connect       signed_in
/ disconnect    signed_in
/ watch         signed_in
/ unwatch       signed_in
/seat connect    seat
/seat disconnect seat
/seat level      own_seat
"""

# what a person may watch: the first word of a scope, then the right
CLASSROOM_SCOPES = """
sitting         watch_room
workstations    watch_room
archives        watch_room
marking         mark_at_school name_school_experts
packages        watch_room
rehearsals      watch_room
"""
