import Glibc
import Snapshot
import TestSupport
import Testing

extension RealKernel {
    /// `energyctl record` on this machine, and `energyctl replay` in another process.
    @Suite(.enabled(if: Conditions.isRoot, Conditions.rootReason)) struct RecordTests {
        private let directory: TemporaryDirectory
        private var file: String { directory.path + "/node.rec" }

        init() throws { directory = try TemporaryDirectory() }

        private func energyctl(_ arguments: String...) throws -> (code: Int32?, output: String) {
            try Child.run([Programs.energyctl] + arguments)
        }

        /// Records some seconds in which processes and cgroups come and go.
        private func record(_ arguments: [String] = []) throws {
            let cgroup = try TestCgroup("record")
            let load = try cgroup.run("for i in $(seq 400); do /bin/true; sleep 0.01; done")
            defer { load.stop() }
            let (code, output) = try Child.run(
                [
                    Programs.energyctl, "record", "--to", file, "--for", "6s", "--settings-of", "none", "--processes",
                    "on", "--counters", "software", "--scheduling",
                ] + arguments)
            #expect(code == 0, "\(output)")
        }

        @Test func aReplayInAnotherProcessIsTheSameByteByByte() throws {
            try record()
            let (code, output) = try energyctl("replay", file)
            #expect(code == 0 && output.contains("all snapshots are those of then, byte by byte"), "\(output)")
            let (_, json) = try energyctl("replay", file, "--output", "json")
            let last = try Snapshot(json: Array(json.utf8))
            #expect(last.sequence >= 5)
            #expect(last.workloads.contains { $0.cgroupPath.hasSuffix("-record") } && last.addsUp)
            let (other, whatIf) = try energyctl(
                "replay", file, "--carbon.zone", "FR", "--attribution.static", "cpu-time")
            #expect(other == 0 && whatIf.contains("what if: ") && whatIf.contains("France"), "\(whatIf)")
            var status = stat()
            #expect(stat(file, &status) == 0 && status.st_mode & 0o777 == 0o600)
        }

        @Test func namesCanBeLeftOut() throws {
            try record(["--anonymise", "--node.name", "secretnode"])
            let (code, json) = try energyctl("replay", file, "--output", "json")
            #expect(code == 0)
            for name in ["secretnode", "sleep", "-record", "energyctl"] { #expect(!json.contains(name), "\(name)") }
        }

        @Test func aRecordingIsShownAsANode() throws {
            try record()
            let (code, output) = try energyctl(
                "top", "--replay", file, "--once", "--group-by", "all", "--filter", "record")
            #expect(code == 0 && output.contains("-record"), "\(output)")
            let (missing, error) = try energyctl("top", "--replay", directory.path + "/none.rec", "--once")
            #expect(missing == 1 && error.contains("No such file"), "\(error)")
        }

        /// A simulated node: thirty days of history, whose rows add up to the node, and a recording.
        @Test func theDemoCanBeKept() throws {
            let demo = directory.path + "/demo"
            let (code, output) = try Child.run([Programs.energyctl, "demo", "--to", demo], seconds: 200)
            #expect(code == 0, "\(output)")
            let (reported, csv) = try energyctl(
                "report", "--file", demo + "/history.db", "--since", "28d", "--by", "owner", "--output", "csv")
            #expect(reported == 0)
            for owner in ["shop/Deployment/web", "data/Job/nightly-export", "owner,idle"] {
                #expect(csv.contains(owner), "\(csv.prefix(2000))")
            }
            #expect(try energyctl("history", "verify", "--file", demo + "/history.db").output.contains("intact"))
            let (replayed, json) = try energyctl("replay", demo + "/node.rec", "--output", "json")
            #expect(replayed == 0)
            let last = try Snapshot(json: Array(json.utf8))
            #expect(last.addsUp && last.node.zones.allSatisfy { $0.quality == "measured" && $0.source == "rapl" })
            #expect(try energyctl("demo", "--to", demo).code == 1)
        }

        @Test func anExistingFileIsKept() throws {
            try directory.write("mine", to: "node.rec")
            let (code, output) = try energyctl("record", "--to", file, "--for", "1s")
            #expect(code == 1 && output.contains("exists already"), "\(output)")
            let (other, error) = try energyctl("replay", file)
            #expect(other == 1 && error.contains("not a file of `energyctl record`"), "\(error)")
            let (missing, reason) = try energyctl("replay", directory.path + "/none.rec")
            #expect(missing == 1 && reason.contains("No such file"), "\(reason)")
        }

        @Test func aBundleHasChecksAndARecording() throws {
            let bundle = directory.path + "/report.tar.gz"
            _ = try energyctl(
                "doctor", "--settings-of", "none", "--otlp.headers", "Authorization=hunter2", "--bundle", bundle)
            let (code, listing) = try Child.run(["tar", "tzf", bundle])
            #expect(code == 0)
            for name in ["checks.json", "checks.txt", "configuration.json", "node.rec"] {
                #expect(listing.contains("energyd-report/\(name)"), "\(listing)")
            }
            let (_, configuration) = try Child.run(["tar", "xzOf", bundle, "energyd-report/configuration.json"])
            #expect(configuration.contains("Authorization=...") && !configuration.contains("hunter2"))
            _ = try Child.run(["tar", "xzf", bundle, "-C", directory.path])
            let (replayed, output) = try energyctl("replay", directory.path + "/energyd-report/node.rec")
            #expect(replayed == 0 && output.contains("names were replaced"), "\(output)")
        }
    }
}
