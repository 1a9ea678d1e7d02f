import Linux
import TestSupport
import Testing
import Workloads

@testable import Names

/// Unit files, below a root directory of the test's own.
@Suite struct UnitFilesTests {
    private let directory: TemporaryDirectory
    private var paths: HostPaths { HostPaths(rootfs: directory.path) }

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func facts(_ source: LocalSource, _ path: String) throws -> [String: String] {
        try source.facts(of: CgroupIdentity(cgroupPath: path), paths)
    }

    @Test func descriptionsOfUnits() throws {
        try directory.write(
            "[Unit]\nDescription=Web of %p\n[Service]\nDescription=no\n", to: "etc/systemd/system/web.service")
        try directory.write(
            "[Unit]\n Description=no\nDescription=Getty on %I, 100%%\n", to: "lib/systemd/system/getty@.service")
        #expect(try facts(.systemd, "/system.slice/web.service") == ["systemd.unit.description": "Web of web"])
        #expect(
            try facts(.systemd, "/system.slice/system-getty.slice/getty@tty1.service")
                == ["systemd.unit.description": "Getty on tty1, 100%"])
        #expect(try facts(.systemd, "/system.slice/other.service").isEmpty)
    }

    /// As systemd reads them: drop-ins, in the order of their names, the last assignment, lines that go on.
    @Test func whatIsAssignedLastCounts() throws {
        func description(_ unit: String = "web.service") throws -> String? {
            try facts(.systemd, "/system.slice/\(unit)")["systemd.unit.description"]
        }
        try directory.write(
            "[Unit]\nDescription=One\nDescription = Two \\\n# Documentation=x\n   and more\n[Install]\nDescription=no\n",
            to: "etc/systemd/system/web.service")
        #expect(try description() == "Two and more" || description() == "Two     and more")
        try directory.write("[Unit]\nDescription=B\n", to: "usr/lib/systemd/system/web.service.d/20-b.conf")
        try directory.write("[Unit]\nAfter=x\n", to: "etc/systemd/system/web.service.d/30-c.conf")
        try directory.write("[Unit]\nDescription=no\n", to: "etc/systemd/system/web.service.d/40.txt")
        #expect(try description() == "B")
        // The one in /etc replaces that of the same name in /usr/lib.
        try directory.write("[Unit]\nDescription=A\n", to: "etc/systemd/system/web.service.d/20-b.conf")
        #expect(try description() == "A")
        try directory.write("[Unit]\nDescription=\n", to: "run/systemd/system.control/web.service.d/50-set.conf")
        #expect(try description() == nil)
        try directory.write("[Unit]\nDescription=T %i\n", to: "lib/systemd/system/t@.service.d/a.conf")
        try directory.write("[Unit]\n", to: "lib/systemd/system/t@.service")
        #expect(try description("t@x.service") == "T x")
        for place in ["run/systemd/generator.late", "run/systemd/generator.early", "etc/systemd/system.attached"] {
            let unit = place.replacing("/", with: "-") + ".service"
            try directory.write("[Unit]\nDescription=\(place)\n", to: "\(place)/\(unit)")
            #expect(try description(unit) == place)
        }
    }

    /// The file of a unit has the escapes in its name; `%i` keeps them, `%I` undoes them. systemd.unit(5)
    @Test func unitsWithEscapesInTheirNames() throws {
        try directory.write(
            "[Unit]\nDescription=Disk %N\n", to: #"etc/systemd/system/mnt-my\x2ddata.mount"#)
        #expect(
            try facts(.systemd, #"/system.slice/mnt-my\x2ddata.mount"#)
                == ["systemd.unit.description": #"Disk mnt-my\x2ddata"#])
        try directory.write(
            "[Unit]\nDescription=%p|%P|%i|%I|%j|%J|%n|%N|%%|%H\n", to: "lib/systemd/system/a-cryptsetup@.service")
        #expect(
            try facts(.systemd, #"/system.slice/a-cryptsetup@dev-sda\x2d1.service"#)
                == [
                    "systemd.unit.description":
                        #"a-cryptsetup|a/cryptsetup|dev-sda\x2d1|dev/sda-1|cryptsetup|cryptsetup|"#
                        + #"a-cryptsetup@dev-sda\x2d1.service|a-cryptsetup@dev-sda\x2d1|%|%H"#
                ])
    }

    /// systemd's escapes may hide a slash, and a mark on it hides it once more.
    @Test func noUnitLeadsElsewhere() throws {
        try directory.write("", to: "etc/systemd/system/a/c")
        try writeFile(directory.path + "/etc/systemd/system/a/\u{301}b.service", "[Unit]\nDescription=no\n")
        #expect(
            UnitFiles(files: HostFiles(rootfs: directory.path)).facts(of: "a/\u{301}b.service", manager: .system)
                .isEmpty)
        #expect(try facts(.systemd, "/system.slice/a\\x2f\\xcc\\x81b.service").isEmpty)
    }

    /// A user's `nginx.service` is not the system's.
    @Test func aUsersUnitsAreDescribedByTheFilesOfUsers() throws {
        try directory.write("[Unit]\nDescription=Web of all\n", to: "etc/systemd/system/nginx.service")
        let service = "/user.slice/user-1000.slice/user@1000.service"
        let path = "\(service)/app.slice/nginx.service"
        #expect(try facts(.systemd, path).isEmpty)
        #expect(try facts(.systemd, "/capsule.slice/capsule@a.service/app.slice/nginx.service").isEmpty)
        try directory.write("[Unit]\nDescription=Web of a user\n", to: "usr/lib/systemd/user/nginx.service")
        #expect(try facts(.systemd, path) == ["systemd.unit.description": "Web of a user"])
        try directory.write("me:x:1000:1000::/home/me:/bin/sh\n", to: "etc/passwd")
        try directory.write("[Unit]\nDescription=Mine\n", to: "home/me/.config/systemd/user/nginx.service")
        #expect(try facts(.systemd, path) == ["systemd.unit.description": "Mine"])
        let other = path.replacing("1000", with: "1001")
        #expect(try facts(.systemd, other) == ["systemd.unit.description": "Web of a user"])
        try directory.write("[Unit]\nDescription=Today\n", to: "run/user/1000/systemd/transient/nginx.service")
        #expect(try facts(.systemd, path) == ["systemd.unit.description": "Today"])
        // The manager's own unit is the system's, and so is the slice around it.
        try directory.write("[Unit]\nDescription=Manager of %i\n", to: "lib/systemd/system/user@.service")
        #expect(try facts(.systemd, service) == ["systemd.unit.description": "Manager of 1000"])
        #expect(try facts(.systemd, "/system.slice/nginx.service") == ["systemd.unit.description": "Web of all"])
    }

    /// Any user who was given a directory may call one in it after a unit of the system.
    @Test func aDirectoryOfAUserIsNoUnitOfTheSystem() throws {
        try directory.write("[Unit]\nDescription=Web of all\n", to: "etc/systemd/system/nginx.service")
        let forged = CgroupIdentity(
            cgroupPath: "/their.slice/nginx.service", ground: UserGround(depth: 1, user: 1000))
        #expect(try LocalSource.systemd.facts(of: forged, paths).isEmpty)
    }
}
