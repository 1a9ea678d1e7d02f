import Testing

@testable import Linux

@Suite struct FileSystemsTests {
    private let mounts = """
        22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
        30 22 0:21 / /proc rw - proc proc rw
        31 22 0:40 / /mnt/a\\040b rw shared:1 master:2 - nfs4 server:/x rw
        32 22 0:41 / /share rw - tmpfs tmpfs rw
        33 32 0:42 / /share rw - virtiofs host rw
        34 33 0:43 / /share/local rw - xfs /dev/vdb rw
        35 22 0:44 / /home/me/sshfs rw - fuse.sshfs me@x rw
        broken line
        36 22 0:45 / /cut rw

        """

    @Test(
        arguments: [
            ("/", nil), ("/var/lib/energyd/state", nil), ("/proc/1", nil), ("/mnt/a b/c", "/mnt/a b"), ("/mnt/a", nil),
            ("/share", "/share"), ("/share/state", "/share"), ("/shared", nil), ("/share/local/x", nil),
            ("/home/me/sshfs", "/home/me/sshfs"), ("/home/me", nil), ("/cut/x", nil), ("relative", nil),
        ] as [(String, String?)])
    func whatMayHangIsKnownByItsMount(_ path: String, _ place: String?) {
        #expect(FileSystems.mountsThatMayHang(at: [path], mounts: mounts).map(\.place) == [place].compactMap(\.self))
    }

    @Test func manyPathsAreLookedUpAtOnce() {
        let paths = ["/share/a", "/etc/a", "/share/b", "/mnt/a b/c", "/share/local/x"]
        let found = FileSystems.mountsThatMayHang(at: paths, mounts: mounts)
        #expect(found.map(\.path) == ["/share/a", "/mnt/a b/c"] && found.map(\.place) == ["/share", "/mnt/a b"])
    }

    @Test func withoutAListNothingIsKnown() { #expect(FileSystems.mountsThatMayHang(at: ["/x"], mounts: "").isEmpty) }
}
