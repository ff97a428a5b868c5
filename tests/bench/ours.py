"""`grader grade`, with a note of when each submission was done, and of how long the pages took.

Run as `python -m tests.bench.ours SEEN.json grade FOLDER …`: what follows the file is the command line.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

STARTED = time.perf_counter()


def main() -> None:
    """Run the command, then write what was seen."""
    import psutil

    import grader.cli.progress_meter
    import grader.report.report_folder
    from grader.cli.main import app

    seen: dict[str, Any] = {"done": [], "memory": []}
    me = psutil.Process()

    class NotingMeter(grader.cli.progress_meter.Meter):
        """A meter that keeps the time of each submission, and what memory this process has then."""

        def done(self, tally: Any) -> None:
            """A submission is done."""
            seen["done"].append(time.perf_counter() - STARTED)
            seen["memory"].append(me.memory_info().rss)
            super().done(tally)

    write_report = grader.report.report_folder.write_report

    def noting_report(*arguments: Any) -> Path:
        started = time.perf_counter()
        index = write_report(*arguments)
        seen["pages"] = time.perf_counter() - started
        return index

    grader.cli.progress_meter.Meter = NotingMeter  # type: ignore[misc]
    grader.report.report_folder.write_report = noting_report
    try:
        app(sys.argv[2:])
    finally:
        Path(sys.argv[1]).write_text(json.dumps(seen), encoding="utf-8")


if __name__ == "__main__":
    main()
