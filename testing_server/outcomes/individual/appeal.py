"""The file of an appeal: recordings, files given as answers, marks on waveforms and criteria, in one zip.

Takes the proof of a receipt code. Gives bytes of a zip whose index.html needs no network; manifest.json has the SHA-256
of every file in it. No name, no expert's login, nothing of other candidates: of the signed protocol only its digest.
"""
from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from flask import render_template
from flask_babel import lazy_gettext as _

from testing_server.contracts.canonical import sha256_hex
from testing_server.exam_day.appeals.queries import Proof
from testing_server.exam_day.reception.queries import find_attempt
from testing_server.foundation.files.store import FileMissing
from testing_server.foundation.refusals import Refusal
from testing_server.foundation.services import Services
from testing_server.marking.listening.store import ListeningStore
from testing_server.marking.protocol.queries import find_protocol, read_definition
from testing_server.marking.protocol.rounds import AnswerMarks, RoundMarks, list_marked_answers
from testing_server.outcomes.individual.given_files import GivenFile, collect_files, name_marked

WIDTH, HEIGHT = 1000, 120


class NotMarkedYet(Refusal):
    code = "not_marked_yet"
    status = 409
    message = _("Работа найдена, но протокол её проверки ещё не подписан.")
    remedy = _("Файл апелляции можно собрать, когда председатель комиссии подпишет протокол.")


def pack_appeal(offered: Services, proof: Proof, typed: str) -> bytes:
    """Raises NotMarkedYet while there is no signed protocol with this work."""
    with offered.storage.read() as session:
        attempt = find_attempt(session, proof.attempt)
        frozen = find_protocol(session, attempt.archive) if attempt else None
        if attempt is None or frozen is None:
            raise NotMarkedYet()
        definition = read_definition(session, attempt.archive)
        answers = list_marked_answers(session, attempt.archive, proof.attempt)
    row = next((one for one in frozen.payload["rows"] if one["attempt"] == proof.attempt), None)
    if row is None:
        raise NotMarkedYet()
    given, packed = collect_files(offered.files, proof, [one.content for one in answers])
    files = {**_collect_sounds(offered, answers), **packed}
    described = [_describe(offered, definition, row, one, given) for one in answers]
    marked = {sha256 for one in answers for sha256 in name_marked(one.content)}
    files["marks.json"] = _as_json({"protocol_sha256": frozen.sha256, "version": frozen.version, "row": row,
                                    "answers": [_leave_names_out(asdict(one)) for one in answers]})
    files["criteria.json"] = _as_json(definition["criteria"])
    files["receipt.json"] = _as_json(_describe_receipt(proof, typed))
    files["index.html"] = render_template(
        "outcomes/appeal_file.html", proof=proof, row=row, answers=described, frozen=frozen, definition=definition,
        others=[one for sha256, one in given.items() if sha256 not in marked], width=WIDTH, height=HEIGHT).encode()
    return _pack(files)


def _leave_names_out(answer: dict[str, Any]) -> dict[str, Any]:
    decisions = [{key: value for key, value in one.items() if key != "by"} for one in answer["decisions"]]
    return {**answer, "decisions": decisions}


def _describe_receipt(proof: Proof, typed: str) -> dict[str, Any]:
    return {"receipt": typed.strip(), "proven": not proof.broken, "broken": proof.broken, "events": proof.events,
            "code": proof.candidate, "variant": proof.variant,
            "recordings": [{"pcm_sha256": one.sha256, "seconds": one.seconds} for one in proof.sounds],
            "files": [{"sha256": one.sha256, "bytes": one.bytes, "type": one.type} for one in proof.files]}


def _collect_sounds(offered: Services, answers: list[AnswerMarks]) -> dict[str, bytes]:
    found = {}
    for sha256 in {one["sha256"] for answer in answers for one in answer.content.get("recordings", [])}:
        try:
            found[f"recordings/{sha256}.flac"] = offered.files.path(sha256).read_bytes()
        except (FileMissing, OSError):
            # said on the page: a recording that is not here cannot be heard
            continue
    return found


def _describe(offered: Services, definition: Mapping[str, Any], row: Mapping[str, Any],
              answer: AnswerMarks, given: Mapping[str, GivenFile]) -> dict[str, Any]:
    """What the page shows of one answer."""
    position = next(one for one in definition["positions"] if one["number"] == answer.position)
    points = next(one for one in row["positions"] if one["position"] == answer.position)
    return {"position": position, "points": points, "criteria": definition["criteria"][answer.criteria]["criteria"],
            "answer": answer, "files": [given[one] for one in name_marked(answer.content)],
            "texts": describe_texts(_leave_files_out(answer.content), answer.rounds),
            "sounds": [_draw_sound(offered, answer, one) for one in answer.content.get("recordings", [])]}


def _leave_files_out(content: Mapping[str, Any]) -> dict[str, Any]:
    """Responses without the references of files: people see the file itself."""
    files = tuple(name_marked(content))
    return {name: value for name, value in content.get("responses", {}).items()
            if not (files and isinstance(value, str) and value.startswith(files))}


def describe_texts(responses: Mapping[str, Any], rounds: Sequence[RoundMarks]) -> list[dict[str, Any]]:
    """Every written answer with the remarks on its passages: {"text", "notes": [{"quote", "round", "criterion",
    "text"}]} in the order of their places."""
    found = []
    for name, value in responses.items():
        text = "\n".join(str(one) for one in value) if isinstance(value, list) else str(value)
        notes = [(note["from"], {"quote": _cut(text, note), "round": each.round, "text": note["text"],
                                 "criterion": note.get("criterion", "")})
                 for each in rounds for note in each.notes if note.get("response") == name]
        found.append({"text": text, "notes": [one for _, one in sorted(notes, key=lambda pair: pair[0])]})
    return found


def _cut(text: str, note: Mapping[str, Any]) -> str:
    # browsers count the signs of a text by two bytes
    return text.encode("utf-16-le")[2 * note["from"]:2 * note["to"]].decode("utf-16-le", "replace")


def _draw_sound(offered: Services, answer: AnswerMarks, recording: Mapping[str, Any]) -> dict[str, Any]:
    """Peaks as heights of bars, remarks at their place. An empty drawing where the recording cannot be read."""
    sha256 = recording["sha256"]
    try:
        heard = json.loads(ListeningStore(offered.settings.data).obtain(sha256, offered.files))
    except (FileMissing, OSError):
        return {"sha256": sha256, "is_here": False, "bars": [], "notes": [], "seconds": recording.get("seconds", 0)}
    whole_ms = max(1, heard["duration_ms"])
    places = [{**one, "x": WIDTH * min(one["at_ms"], whole_ms) // whole_ms}
              for one in list_places(answer.rounds, sha256)]
    return {"sha256": sha256, "is_here": True, "bars": squeeze_peaks(base64.b64decode(heard["peaks"])),
            "notes": places, "seconds": whole_ms // 1000}


def list_places(rounds: Sequence[RoundMarks], sha256: str) -> list[dict[str, Any]]:
    """Every place of a recording that somebody marked or remarked, in its order: {"at_ms", "round", "criterion"
    (may be empty), "points" (None of a remark), "text" (empty of a mark)}."""
    marked = [{"at_ms": place["at_ms"], "round": each.round, "criterion": criterion, "text": "",
               "points": each.points.get(criterion)}
              for each in rounds for criterion, place in each.moments.items() if place["recording"] == sha256]
    remarked = [{"at_ms": note["at_ms"], "round": each.round, "criterion": note.get("criterion", ""),
                 "text": note["text"], "points": None}
                for each in rounds for note in each.notes if note.get("recording") == sha256]
    return sorted([*marked, *remarked], key=lambda one: (one["at_ms"], one["round"], one["criterion"]))


def squeeze_peaks(peaks: bytes, bars: int = 250) -> list[int]:
    """Heights 1 to HEIGHT of at most `bars` bars, each the loudest of its stretch."""
    step = max(1, -(-len(peaks) // bars))
    return [max(1, max(peaks[start:start + step]) * HEIGHT // 255) for start in range(0, len(peaks), step)]


def _as_json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True).encode()


def _pack(files: Mapping[str, bytes]) -> bytes:
    manifest = {"format": "appeal/1", "files": {name: sha256_hex(content) for name, content in sorted(files.items())}}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted({**files, "manifest.json": _as_json(manifest)}.items()):
            # sound and pictures are packed already: packing them once more only takes time
            archive.writestr(name, content, zipfile.ZIP_STORED if "/" in name else None)
    return buffer.getvalue()
