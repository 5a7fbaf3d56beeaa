"""The benchmark's side of a peer in Python: one JSON request per line in, one JSON answer per line out."""
import json
import sys
import time


def memory_mb(field):
    """VmHWM or VmRSS of this process; 0 where /proc does not tell."""
    try:
        with open("/proc/self/status") as status:
            for line in status:
                if line.startswith(field):
                    return int(line.split()[1]) / 1024
    except OSError:
        pass
    return 0.0


def serve(version, prepare):
    """`prepare(case)` returns the function that does one step; its return means that the step is done."""
    base = memory_mb("VmRSS")
    step = None
    for line in sys.stdin:
        request = json.loads(line)
        if request["op"] == "prepare":
            step = prepare(request["case"])
            answer = {"version": version}
        elif request["op"] == "run":
            wall, cpu = time.perf_counter(), time.process_time()
            for _ in range(request["steps"]):
                step()
            answer = {
                "wallMs": (time.perf_counter() - wall) * 1000 / request["steps"],
                "cpuMs": (time.process_time() - cpu) * 1000 / request["steps"],
            }
        else:
            answer = {"peakMb": memory_mb("VmHWM"), "baseMb": base}
        print(json.dumps(answer), flush=True)
