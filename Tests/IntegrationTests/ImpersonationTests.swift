import Glibc
import Linux
import Snapshot
import TestSupport
import Testing

extension RealKernel {
    /// A user with a cgroup directory of their own, on the real kernel.
    @Suite struct Impersonation {
        private static let user: UInt32 = 61_234
        private static let uid = "7d1e2f30-aaaa-4bbb-8ccc-00000000beef"
        private static let id = String(repeating: "beef", count: 16)

        /// The log directories of a pod that has completed are still there, and its cgroup is not.
        private func makeLogs(_ path: String) {
            for name in [
                "pods", "containers", "pods/bank_payments-0_\(Self.uid)", "pods/bank_payments-0_\(Self.uid)/app",
            ] {
                mkdir("\(path)/\(name)", 0o755)
            }
            symlink("x", "\(path)/containers/payments-0_bank_app-\(Self.id).log")
        }

        @Test(
            .enabled(if: Conditions.isRoot && Conditions.has("setpriv"), "needs root and setpriv"),
            arguments: [
                "kubepods/burstable/pod\(uid)/\(id)",
                "kubepods.slice/kubepods-pod\(uid.replacing("-", with: "_")).slice/cri-containerd-\(id).scope",
                "docker-\(id).scope/kubepods/pod\(uid)/\(id)", "slurm/uid_0/job_1/step_0", "web.libvirt-qemu/vcpu0",
            ])
        func aDelegatedTreeDoesNotTakeThePlatformsNames(_ path: String) throws {
            let logs = try TemporaryDirectory()
            makeLogs(logs.path)
            let delegated = try TestCgroup("delegated")
            chown(delegated.directory, Self.user, Self.user)
            chown(delegated.directory + "/cgroup.procs", Self.user, Self.user)
            let parts = path.split(separator: "/").map(String.init)
            defer {
                for count in stride(from: parts.count, to: 0, by: -1) {
                    rmdir(delegated.directory + "/" + parts.prefix(count).joined(separator: "/"))
                }
            }
            let agent = try AgentProcess(["--sample.interval=200ms", "--path.logs=\(logs.path)"])
            // The user makes the directories; the shell that works in them gets there as a service's would.
            let made = try Child.run([
                "setpriv", "--reuid=\(Self.user)", "--regid=\(Self.user)", "--clear-groups", "mkdir", "-p",
                "\(delegated.directory)/\(path)",
            ])
            try #require(made.0 == 0, "\(made.1)")
            let work =
                "echo $$ > \(delegated.directory)/\(path)/cgroup.procs; i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done"
            let worked = try Child.run(["/bin/sh", "-c", work])
            try #require(worked.0 == 0, "\(worked.1)")
            let snapshot = try agent.freshSnapshot()
            let theirs = snapshot.workloads.filter { $0.cgroupPath.hasPrefix(delegated.path) }
            #expect(theirs.contains { $0.cpuSeconds > 0.05 }, "\(theirs.map(\.cgroupPath))")
            #expect(theirs.allSatisfy { !["pod", "job", "vm"].contains($0.kind) }, "\(theirs.map(\.kind))")
            #expect(theirs.allSatisfy { workload in !workload.labels.contains { $0.key.hasPrefix("k8s.") } })
            #expect(theirs.allSatisfy { !$0.name.contains("payments") && $0.name != "app" })
            #expect(!snapshot.workloads.contains { $0.id == "pod:\(Self.uid)" || $0.id == "namespace:bank" })
            #expect(snapshot.addsUp)
        }
    }
}
