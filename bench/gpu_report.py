"""Everything that is to be known of one GPU, in one call of less than nine minutes.

    python bench/gpu_report.py [--out FILE] [--sections NAME ...] [--dry-run]

Environment, first use, instructions and kernels against references, determinism, ceilings, times beside PyTorch,
launches, sanitizers; last a table of the figures that xdl aims at (gpu_figures.py). Each section runs in a process of
its own with a time limit, so that a hanging or crashing kernel costs one section; the JSON is written after each.
`--dry-run` does the same with small sizes on the CPU, without PyTorch. Exit code 1: something failed.

Needs CuPy with xdl's extra cuda12 or cuda13. PyTorch for CUDA and compute-sanitizer are used where they are.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from gpu_figures import figures, figures_table

ROOT = Path(__file__).parents[1]
BUDGET = 530  # seconds for all sections


@dataclass(frozen=True)
class Section:
    """A part of the report. seconds: its limit; vital: without it the others make no sense."""

    name: str
    seconds: int
    vital: bool = False


SECTIONS = (  # the limits of all but the last two add up to no more than BUDGET
    Section("environment", 30, vital=True),
    Section("compilation", 60),
    Section("kernels", 80),
    Section("slots", 40),
    Section("determinism", 40),
    Section("ceilings", 20),
    Section("lstm", 55),
    Section("convolution", 75),
    Section("functions", 30),
    Section("steps", 65),
    Section("launches", 25),
    Section("sanitizer", 90),
    Section("compiled", 90),
)
Results = dict[str, dict[str, Any]]


def run_section(section: Section, dry_run: bool, limit: float) -> dict[str, Any]:
    """Its rows, how long it took, and whether all went well. A section that takes too long keeps the rows it has."""
    command = [sys.executable, str(ROOT / "bench" / "gpu_sections.py"), section.name, *(["--dry-run"] * dry_run)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDL_KERNELS": "required", "XDL_PRECISION": "float32"}
    start = monotonic()
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as messages:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=output, stderr=messages, start_new_session=True
        )
        try:
            ended = f"exit code {process.wait(limit)}"
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # the section and what it has started
            process.wait()
            ended = f"stopped after {limit:.0f} s"
        for file in (output, messages):
            file.seek(0)
        rows = [json.loads(line) for line in output if line.startswith("{") and line.endswith("}\n")]
        said = messages.read()[-3000:]
    good = ended == "exit code 0" and bool(rows) and all(row.get("ok", True) for row in rows)
    result = {"ok": good, "seconds": round(monotonic() - start, 1), "ended": ended, "rows": rows}
    return result if good else {**result, "messages": said}


def run_all(sections: list[Section], dry_run: bool, out: Path) -> Results:
    """Runs the sections in turn and writes the file after each."""
    results: Results = {}
    end = monotonic() + BUDGET
    for section in sections:
        limit = min(section.seconds, end - monotonic())
        if limit < 5:
            results[section.name] = {"ok": False, "ended": "not started: the time was over", "rows": []}
        else:
            results[section.name] = run_section(section, dry_run, limit)
        write(out, {"dry_run": dry_run, "figures": figures(results, dry_run), "sections": results})
        found = results[section.name]
        print(f"{section.name}: {'ok' if found['ok'] else 'FAILED'}, {found['ended']}", flush=True)
        if section.vital and not found["ok"]:
            break
    return results


def write(path: Path, content: dict[str, Any]) -> None:
    """The whole file or none: a temporary neighbour, synced, then renamed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    with open(part, "w") as file:
        file.write(json.dumps(content, indent=1) + "\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)


def table(results: Results) -> str:
    """What a person wants to see: failures in full, measurements in a line each."""
    lines = []
    for name, result in results.items():
        rows = result["rows"]
        lines.append(f"\n{name} ({'ok' if result['ok'] else 'FAILED'}, {len(rows)} rows, {result['ended']})")
        wrong = [row for row in rows if not row.get("ok", True)]
        if name in ("kernels", "slots", "determinism"):
            rows = []
        lines += [f"  {_in_words(row)}" for row in (*rows, *wrong)]
        if result.get("messages"):
            lines.append("    " + result["messages"].strip().replace("\n", "\n    "))
    return "\n".join(lines)


def _in_words(row: dict[str, Any]) -> str:
    shown = {key: f"{value:.4g}" if isinstance(value, float) else value for key, value in row.items() if key != "name"}
    return f"{row.get('name', '')}  " + "  ".join(f"{key} {value}" for key, value in shown.items())


def main() -> None:
    """Runs what is asked for, prints the table last."""
    names = [section.name for section in SECTIONS]
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--out", type=Path, default=ROOT / "bench" / "results" / "gpu_report.json")
    parser.add_argument("--sections", nargs="+", choices=names, default=names)
    parser.add_argument("--dry-run", action="store_true", help="small sizes on the CPU")
    given = parser.parse_args()
    results = run_all([section for section in SECTIONS if section.name in given.sections], given.dry_run, given.out)
    print(table(results))
    print(f"\nfigures\n\n{figures_table(figures(results, given.dry_run))}\n\nwritten to {given.out}")
    sys.exit(not all(result["ok"] for result in results.values()))


if __name__ == "__main__":
    main()
