import Glibc
import Linux
import Simulation
import TestSupport
import Testing

/// A simulation below a directory in which somebody else was before.
@Suite struct OwnDirectoryTests {
    private let nobody: uid_t = 65534

    @Test func linksThatLieThereAreNotWrittenThrough() throws {
        let directory = try TemporaryDirectory()
        let (root, victim) = (directory.path + "/t", directory.path + "/victim")
        _ = try PowercapTree(path: root, hasPlatform: false, startingAt: 0)
        try writeFile(victim, "precious")
        let names = ["class/powercap/intel-rapl:0/energy_uj", "class/powercap/intel-rapl:0/name", "truth.json"]
        for name in names {
            unlink("\(root)/\(name)")
            symlink(victim, "\(root)/\(name)")
            symlink(victim, "\(root)/\(name).new")
        }
        var tree = try PowercapTree(path: root, hasPlatform: false, startingAt: 0)
        tree.show([10, 1], fault: nil)
        #expect(tree.write("{}", to: "truth.json"))
        #expect(try readFile(victim) == Array("precious".utf8))
        for name in names {
            var status = stat()
            #expect(lstat("\(root)/\(name)", &status) == 0 && status.st_mode & S_IFMT == S_IFREG, "\(name)")
        }
    }

    @Test(arguments: ["", "/class", "/class/powercap", "/class/powercap/intel-rapl:0"])
    func aDirectoryThatOthersMayChangeIsRefused(_ name: String) throws {
        let directory = try TemporaryDirectory()
        let root = directory.path + "/t"
        _ = try PowercapTree(path: root, hasPlatform: false, startingAt: 0)
        chmod(root + name, 0o777)
        #expect(throws: PowercapTree.Refusal.self) {
            try PowercapTree(path: root, hasPlatform: false, startingAt: 0)
        }
    }

    @Test(.enabled(if: geteuid() == 0, "needs root to make files of another user"))
    func aDirectoryOfAnotherUserIsRefused() throws {
        let directory = try TemporaryDirectory()
        let root = directory.path + "/t"
        _ = try PowercapTree(path: root, hasPlatform: false, startingAt: 0)
        let powercap = root + "/class/powercap"
        let away = directory.path + "/away"
        #expect(rename(powercap, away) == 0 && symlink(away, powercap) == 0)
        #expect(throws: PowercapTree.Refusal.self) {
            try PowercapTree(path: root, hasPlatform: false, startingAt: 0)
        }
        #expect(unlink(powercap) == 0 && rename(away, powercap) == 0)
        chown(root, nobody, nobody)
        #expect(throws: PowercapTree.Refusal.self) {
            try PowercapTree(path: root, hasPlatform: false, startingAt: 0)
        }
    }

    /// Another directory in the place of this one is not written to.
    @Test func itStaysTheSameDirectory() throws {
        let directory = try TemporaryDirectory()
        let root = directory.path + "/t"
        var tree = try PowercapTree(path: root, hasPlatform: false, startingAt: 0)
        #expect(rename(root, root + ".away") == 0)
        mkdir(root, 0o777)
        tree.show([10, 1], fault: nil)
        #expect(try listDirectory(root).isEmpty)
        #expect(try readNumber(root + ".away/class/powercap/intel-rapl:0/energy_uj") > 0)
    }
}
