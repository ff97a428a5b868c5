"""What is said of a run: which limit it reached, how it ended, what was not reached. "It" is what the run is of."""

RUNS = {
    "limit.seconds": "It took longer than {seconds:g} s.",
    "limit.cpu": "It used more than {seconds:g} s of CPU time.",
    "limit.resident": "It took more than {memory:size} of memory.",
    "limit.cell_seconds": "It took longer than {seconds:g} s (half of the notebook's time).",
    "limit.memory": "It asked for more than {memory:size} of memory.",
    "limit.processes": "It started more than {count} processes.",
    "limit.file": "It wrote a file of more than {size:size}.",
    "limit.disk": "It filled its work folder of {size:size}.",
    "limit.output": "It printed more than {cell:size}, or all cells more than {notebook:size}.",
    "limit.machine": "It took so much memory that the machine had nearly none left.",
    "limit.sent_bytes": "It sent more than {mebibytes} MiB.",
    "limit.sent_messages": "It sent more than {count:,} messages.",
    #
    "end.early": "It ended.",
    "end.process": "It ended its Python process.",
    "end.status": "It ended its Python process (exit status {status}).",
    "end.crash": "It crashed its Python process ({signal}).",
    "end.cpu": "It used more CPU time than it may.",
    "end.no_value": "It sent what is no value ({problem}).",
    "end.fault": "It met an error of the grader itself ({error}).",
    #
    "cell.stopped": "Cell {cell} was stopped.",
    "task.stopped_in_cell": "The notebook stopped in cell {cell}, before this task was reached.",
    "task.stopped": "The notebook stopped before this task was reached.",
    "task.ended_in_cell": "The notebook ended in cell {cell}, before this task was reached.",
    "task.ended": "The notebook ended before this task was reached.",
    "task.file_stopped": "`{file}` could not be judged: the process that opened it stopped.",
    "task.no_notebook": "{problem}",
    "task.no_sandbox": "The sandbox could not run this notebook; nothing was judged.",
}
