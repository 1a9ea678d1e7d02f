import Glibc
import Snapshot
import Telemetry
import TestSupport
import Testing

extension RealKernel {
    /// The programs as they ship.
    @Suite struct Shipping {
        private static let isRelease = Programs.directory.hasSuffix("release")

        /// Nothing but the two programs, /proc and /sys: no library, no configuration, no terminal database.
        @Test(
            .enabled(if: Conditions.isRoot && Conditions.has("unshare"), Conditions.rootReason),
            .enabled(if: isRelease, "only the release build is static"))
        func bothWorkInAnEmptyRoot() throws {
            let root = try TemporaryDirectory()
            for name in ["proc", "sys"] { mkdir("\(root.path)/\(name)", 0o755) }
            #expect(try Child.run(["cp", Programs.energyd, Programs.energyctl, root.path]).code == 0)
            let enter = [
                "unshare", "--mount", "--propagation", "private", "/bin/sh", "-c",
                "mount -t proc proc $0/proc && mount --rbind /sys $0/sys && exec chroot $0 \"$@\"", root.path,
            ]
            let agent = try AgentProcess(prefix: enter, program: "/energyd")
            let snapshot = try agent.freshSnapshot()
            #expect(snapshot.tier == "ebpf", "\(snapshot.tierReason)")
            #expect(snapshot.addsUp)
            let (code, table) = try Child.run(enter + ["/energyctl", "top", "--once", "--address", agent.url])
            #expect(code == 0)
            #expect(table.contains("WATTS") && table.contains(snapshot.node.name))
            let alone = try Child.run(enter + ["/energyctl", "top", "--once", "--output", "json"])
            #expect(alone.code == 0 && alone.output.contains("\"schemaVersion\":1"))
        }

        @Test(.enabled(if: isRelease, "only the release build is static"), arguments: ["energyd", "energyctl"])
        func theyNeedNoLibraryAndCarryNoFullFoundation(_ name: String) throws {
            let program = "\(Programs.directory)/\(name)"
            // An interpreter is what a dynamically linked program names first.
            #expect(try Child.run(["grep", "-c", "-a", "/ld-linux", program]).output == "0\n")
            // The tables of its internationalisation are the 44 MB.
            #expect(
                try Child.run(["grep", "-c", "-a", "FoundationInternationalization\\|icudt", program]).output == "0\n")
        }

        /// At a random address, and without the paths of the machine that built them.
        @Test(.enabled(if: isRelease, "only the release build is made to ship"), arguments: ["energyd", "energyctl"])
        func theyAreHardened(_ name: String) throws {
            let program = "\(Programs.directory)/\(name)"
            let header = try Child.run(["od", "-An", "-tu2", "-j16", "-N2", program]).output
            // ET_DYN: elf(5)
            #expect(header.split(whereSeparator: \.isWhitespace) == ["3"])
            let root = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined()
            #expect(try Child.run(["grep", "-c", "-a", "-F", root, program]).output == "0\n")
        }

        @Test(.enabled(if: Conditions.isRoot, Conditions.rootReason), .enabled(if: isRelease, "debug code is larger"))
        func itStaysSmall() throws {
            let agent = try AgentProcess(["--sample.interval=100ms"])
            for _ in 0..<20 {
                _ = httpGet(port: agent.port, "/metrics")
                _ = try agent.freshSnapshot()
            }
            let resident = try agent.snapshot().agent.residentBytes
            // Of which 27 MB are pages of the program's file, which the kernel maps sixteen at a time.
            #expect(resident > 1_000_000 && resident <= 34_000_000, "\(resident) bytes")
        }
    }
}
