"""Lets picklescan and modelscan look at every folder of a corpus; writes who said what as JSON.

Each look is a process of its own, with limits on time and memory: a scanner that hangs or falls over on one case
has failed to look at that case, and says nothing about the next.
"""

import json
import os
import resource
import signal
import sys
from pathlib import Path

SECONDS = 60
MEMORY_BYTES = 8 << 30


def picklescan_extensions():
    from picklescan import scanner

    return (
        scanner._zip_file_extensions
        | scanner._pickle_file_extensions
        | scanner._pytorch_file_extensions
        | scanner._numpy_file_extensions
    )


def picklescan_look(strict):
    """Every file by its name: of a folder it takes only those with its extensions. One without them counts when caught."""
    from picklescan import scanner

    extensions = picklescan_extensions()

    def look(folder):
        caught, failed, looked = [], [], []
        for path in files_of(folder):
            claimed = path.suffix in extensions
            try:
                result = scanner.scan_file_path(str(path), strict=strict)
            except Exception as error:
                if claimed:
                    failed.append(f"{type(error).__name__}: {error}")
                continue
            if result.issues_count > 0:
                caught += [f"{found.module}.{found.name}" for found in result.globals if found.safety.value == "dangerous"]
            if claimed and result.scan_err:
                failed.append("scan_err")
            if claimed:
                looked.append(path.name)
        return caught, failed, looked

    return look


def modelscan_extensions():
    from modelscan.settings import DEFAULT_SETTINGS

    scanners = DEFAULT_SETTINGS["scanners"].values()
    return {*DEFAULT_SETTINGS["supported_zip_extensions"], *(one for each in scanners for one in each["supported_extensions"])}


def modelscan_look():
    from modelscan.modelscan import ModelScan

    ModelScan()  # Loads all that it needs, once.

    def look(folder):
        scan = ModelScan()
        scan.scan(str(folder))
        caught = [f"{issue.details.module}.{issue.details.operator}" for issue in scan.issues.all_issues]
        return caught, [str(error) for error in scan.errors], scan.scanned

    return look


def files_of(folder):
    return sorted(path for path in Path(folder).rglob("*") if path.is_file() and not path.is_symlink())


def apart(look, folder):
    """What `look` says about `folder`, from a process that may die."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        sys.stdout = sys.stderr = open(os.devnull, "w")
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        signal.alarm(SECONDS)
        try:
            caught, failed, looked = look(folder)
            answer = verdict(caught, failed, looked)
        except BaseException as error:
            answer = {"outcome": "failed", "said": f"{type(error).__name__}: {error}"}
        with os.fdopen(writing, "w") as out:
            out.write(json.dumps(answer))
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        text = answer.read()
    _, status = os.waitpid(child, 0)
    if text:
        return json.loads(text)
    return {"outcome": "failed", "said": f"ended by signal {os.WTERMSIG(status)}"}


def verdict(caught, failed, looked):
    if caught:
        return {"outcome": "caught", "said": ", ".join(sorted(set(caught)))[:200]}
    if failed:
        return {"outcome": "failed", "said": failed[0][:200]}
    if looked:
        return {"outcome": "clean", "said": ""}
    return {"outcome": "left-aside", "said": ""}


def main(corpus, answer):
    looks = {
        "picklescan": (lambda: picklescan_look(False), picklescan_extensions),
        "picklescan --strict": (lambda: picklescan_look(True), picklescan_extensions),
        "modelscan": (modelscan_look, modelscan_extensions),
    }
    folders = sorted(path for path in Path(corpus).iterdir() if path.is_dir())
    answers = {}
    for tool, (load, extensions) in looks.items():
        look = load()
        said = {folder.name: apart(look, folder) for folder in folders}
        answers[tool] = {"extensions": sorted(extensions()), "said": said}
    Path(answer).write_text(json.dumps(answers))


main(*sys.argv[1:])
