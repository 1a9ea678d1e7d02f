import Testing
import Workloads

@Suite struct NormalizeTests {
    @Test(arguments: [
        ("", "/"),
        ("////", "/"),
        ("0::/", "/"),
        ("0::/a.slice/b.service", "/a.slice/b.service"),
        ("4:cpu,cpuacct:/x/y/", "/x/y"),
        ("1:name=systemd:/x", "/x"),
        ("0::/../../x/./y//z", "/x/y/z"),
        ("/sys/fs/cgroup", "/"),
        ("/sys/fs/cgroup/x", "/x"),
        ("/sys/fs/cgroup/unified/x", "/x"),
        ("/sys/fs/cgroup/cpu,cpuacct/x", "/x"),
        ("/sys/fs/cgroup/memory", "/"),
        ("/sys/fs/x", "/sys/fs/x"),
        ("/cpuacct/x", "/cpuacct/x"),
        ("a/b", "/a/b"),
        ("/x/1:cpu:/y", "/x/1:cpu:/y"),
        ("12", "/12"),
        ("12:", "/12:"),
        ("12:a", "/12:a"),
        ("12:a:b", "/12:a:b"),
        ("12:a/b:/c", "/12:a/b:/c"),
        ("x:cpu:/y", "/x:cpu:/y"),
    ])
    func normalForm(path: String, expected: String) {
        #expect(CgroupIdentity.normalize(path) == expected)
    }
}
