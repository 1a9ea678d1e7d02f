"""The honest workload: a third of a CPU, in a cgroup of its own. honest.py CGROUP, until it is killed."""
import sys
import time


def main():
    with open(sys.argv[1] + "/cgroup.procs", "w") as file:
        file.write("0")
    while True:
        end = time.monotonic() + 0.033
        while time.monotonic() < end:
            pass
        time.sleep(0.067)


if __name__ == "__main__":
    main()
