"""What an unprivileged user with a cgroup of their own can do: every scenario of the attack, and how it is undone.

All of it goes by directory descriptors: the paths are longer than the kernel takes one.

As a program: flood.py SCENARIO CGROUP SCALE USER becomes the user, in the cgroup, and floods it; flood.py remove CGROUP
removes what is below it.
"""
import os
import sys

NAME = "n" * 250


def make(name, above):
    """Makes a cgroup below the descriptor `above` and returns its descriptor."""
    os.mkdir(name, dir_fd=above)
    return os.open(name, os.O_RDONLY | os.O_DIRECTORY, dir_fd=above)


def run_in(cgroup):
    """Moves this process into the cgroup, so that it is charged there."""
    descriptor = os.open("cgroup.procs", os.O_WRONLY, dir_fd=cgroup)
    try:
        os.write(descriptor, b"0")
    finally:
        os.close(descriptor)


def spin(rounds=20):
    for _ in range(rounds):
        pass


def chain(root, depth, name, visits=0):
    """A chain of cgroups; returns the descriptor of the last. Runs in one of so many of them; 0: in none."""
    here = os.dup(root)
    for level in range(depth):
        below = make(name, here)
        if visits and level % visits == visits - 1:
            run_in(below)
            spin()
        os.close(here)
        here = below
    return here


def leaves(above, count, name, visits=True):
    for number in range(count):
        leaf = make(f"{name}{number}", above)
        if visits:
            run_in(leaf)
            spin()
        os.close(leaf)


def wide(root, scale):
    """Short names, empty: 10,000 cgroups that never ran."""
    leaves(root, 10_000 // scale, "c", visits=False)


def long(root, scale):
    """Paths of 3.5 KB: 13 levels of 250 bytes, and cgroups with long names below them, each of which ran."""
    last = chain(root, 13, NAME)
    leaves(last, 10_000 // scale, NAME[:240])
    os.close(last)


def deep(root, scale):
    """A chain of 5,000, some of which ran."""
    os.close(chain(root, 5_000 // scale, "d", visits=100))


def leafy(root, scale):
    """1,800 deep, and 9,000 leaves there."""
    last = chain(root, 1_800 // scale, "d")
    leaves(last, 9_000 // scale, "l")
    os.close(last)


def quick(root, scale):
    """2,500 with long names, made in less than a second."""
    last = chain(root, 4, NAME)
    leaves(last, 2_500 // scale, NAME[:240])
    os.close(last)


def units(root, scale):
    """Names of units, containers and pods, which are workloads of their own."""
    for number in range(10_000 // scale):
        digits = f"{number:064x}"
        name = [f"u{number}.service", f"s{number}.slice", f"docker-{digits}.scope"][number % 3]
        leaf = make(name, root)
        run_in(leaf)
        spin()
        os.close(leaf)


SCENARIOS = {
    "wide": wide, "long": long, "deep": deep, "leafy": leafy, "quick": quick, "units": units,
}

# The kernel takes minutes for these while our programs are attached: they are made before the agent starts.
BEFOREHAND = {"deep", "leafy"}


def remove(path):
    """Removes a tree of cgroups of any depth. Its processes must have ended."""
    # (descriptor, names left) from the root down, without recursion.
    try:
        root = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        return
    here, names = root, [directories(root)]
    way = []
    while True:
        if names[-1]:
            name = names[-1].pop()
            below = os.open(name, os.O_RDONLY | os.O_DIRECTORY, dir_fd=here)
            inside = directories(below)
            if not inside:
                os.close(below)
                os.rmdir(name, dir_fd=here)
                continue
            way.append(name)
            if here != root:
                os.close(here)
            here = below
            names.append(inside)
            continue
        if here == root:
            break
        above = os.open("..", os.O_RDONLY | os.O_DIRECTORY, dir_fd=here)
        os.close(here)
        names.pop()
        os.rmdir(way.pop(), dir_fd=above)
        if not way:
            os.close(above)
            above = root
        here = above
    os.close(root)
    os.rmdir(path)


def directories(descriptor):
    with os.scandir(descriptor) as entries:
        return [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]


def remove_below(path):
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    names = directories(descriptor)
    os.close(descriptor)
    for name in names:
        remove(f"{path}/{name}")


def main():
    if sys.argv[1] == "remove":
        return remove_below(sys.argv[2])
    scenario, cgroup, scale, user = sys.argv[1:]
    with open(cgroup + "/cgroup.procs", "w") as file:
        file.write("0")
    root = os.open(cgroup, os.O_RDONLY | os.O_DIRECTORY)
    os.setgroups([])
    os.setgid(int(user))
    os.setuid(int(user))
    try:
        SCENARIOS[scenario](root, int(scale))
    except OSError as error:
        # cgroup.max.descendants and the like are the machine's own limits.
        print(f"attack: the flood ended early: {error}", file=sys.stderr)


if __name__ == "__main__":
    main()
