internal import Accounting
internal import Attribution
internal import Glibc
internal import Linux
internal import Logging
internal import Units
internal import Workloads

/// The file in which the ledger survives a restart of the agent.
///
/// It is written with every tick and before the tick is published, so that no reader ever saw more than it holds,
/// however the agent ends. It is of use until the next boot only, and so need not reach the disk.
struct StateFile {
    let path: String
    /// Writes that failed.
    private(set) var failures: UInt64 = 0
    /// Why totals were not taken over at the start, or are not saved now; nil where all is well.
    var notice: String? {
        failure.map { "cannot write the state file \(path): \($0); the next start of the agent begins at zero" }
            ?? refusal
    }

    private var refusal: String?
    private var failure: String?
    /// What lies there is somebody else's, and stays.
    private var isForeign = false
    private let bootID: String
    private let logger: Logger
    private var writer = ByteWriter()
    private var temporary: String { path + ".new" }

    /// Larger files are not read, bytes.
    private static let limit = 64 << 20

    /// nil where the machine does not tell its boot: a file could then be another's.
    init?(path: String, procfs: String, logger: Logger) {
        guard let bootID = try? readText(procfs + "/sys/kernel/random/boot_id", limit: 64), !bootID.isEmpty else {
            logger.warning("no boot id: the ledger will not survive a restart", metadata: ["file": "\(path)"])
            return nil
        }
        self.path = path
        self.bootID = bootID
        self.logger = logger
    }

    /// What an earlier run of the agent left; nil for nothing that can be used.
    mutating func load() -> LedgerState? {
        let bytes: [UInt8]
        do {
            bytes = try readFile(path, limit: Self.limit)
        } catch {
            guard error.code == .missing else {
                refuse(error.detail, "counters started at zero")
                return nil
            }
            // It may have ended between the last two steps of ``replace(with:)``, or before there was ever a whole file.
            guard let left = try? readFile(temporary, limit: Self.limit), (try? LedgerState(decoding: left)) != nil
            else { return nil }
            // Out of the way of the next one.
            rename(temporary, path)
            bytes = left
        }
        do throws(LedgerState.Refusal) {
            let state = try LedgerState(decoding: bytes)
            guard state.bootID == bootID else {
                logger.info("the machine was booted since: counters start at zero", metadata: ["file": "\(path)"])
                return nil
            }
            return state
        } catch .foreign {
            isForeign = true
            refuse("it holds something else", "it is left alone and nothing is saved: name another file")
        } catch {
            // Of another version of the agent, which may come back; or damaged, which somebody may want to see.
            rename(path, path + ".refused")
            refuse("\(error)", "it is \(path).refused now; counters started at zero")
        }
        return nil
    }

    private mutating func refuse(_ reason: String, _ outcome: String) {
        refusal = "the state file \(path) was refused: \(reason); \(outcome)"
        logger.warning(
            "the state file was refused: \(outcome)", metadata: ["file": "\(path)", "reason": "\(reason)"])
    }

    /// Replaces the file: whenever the agent ends, the next one finds the old totals or the new.
    ///
    /// - Parameters:
    ///   - buckets: as in ``LedgerState/buckets``.
    ///   - records: of the workloads; see ``WorkloadTable/records()``.
    ///   - groups: see ``RollUps/saved()``.
    ///   - commands: see ``ProcessLedger/saved()``.
    mutating func save(
        startTime: String, zones: [(Zone, Microjoules)], buckets: [Account], records: [[UInt8]],
        groups: [LedgerState.Group], commands: [LedgerState.Command], meaning: LedgerState.Meaning
    ) {
        guard !isForeign else { return }
        LedgerState.encode(
            into: &writer, bootID: bootID, startTime: startTime, zones: zones, buckets: buckets, records: records,
            groups: groups, commands: commands, meaning: meaning)
        let code = replace(with: writer.bytes)
        if code != 0 {
            failures += 1
            let reason = String(cString: strerror(code))
            if failure == nil {
                logger.error("cannot write the state file", metadata: ["file": "\(path)", "reason": "\(reason)"])
            }
            failure = reason
        } else if failure != nil {
            logger.notice("the state file can be written again", metadata: ["file": "\(path)"])
            failure = nil
        }
    }

    private func replace(with bytes: [UInt8]) -> Int32 {
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { return errno }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let code = count < 0 ? errno : EIO
                close(descriptor)
                unlink(temporary)
                return code
            }
            rest = rest.dropFirst(count)
        }
        close(descriptor)
        // Not renamed over the old one: ext4 writes such a file to the disk at once, for a crash of the machine, after
        // which this one is worth nothing. A file that is gone within a second never gets there.
        unlink(path)
        guard rename(temporary, path) != 0 else { return 0 }
        let code = errno
        unlink(temporary)
        return code
    }
}

extension WorkloadTable {
    /// Every workload that is shown, as the state file has it. Those that did not change since the last call are not
    /// made again.
    mutating func records(_ files: CgroupFileReader) -> [[UInt8]] {
        workloads.indices.filter { workloads[$0].isShown }.map { index in
            if let record = workloads[index].record { return record }
            let workload = workloads[index]
            var writer = ByteWriter()
            // Places count from one: zero is none.
            writer.write(UInt64(index) + 1)
            writer.write(workload.parent.map { UInt64($0) + 1 } ?? 0)
            let identity = workload.identity
            for text in [workload.id, identity.kind.rawValue, identity.path, identity.name] { writer.write(text) }
            writer.write(workload.cgroup)
            writer.write(workload.account)
            writer.write(workload.dimensions.sorted())
            writer.write(workload.counters.values)
            writer.write(files.totals(of: workload.id))
            workloads[index].record = writer.bytes
            return writer.bytes
        }
    }

    /// Takes up the workloads of an earlier run, before any cgroup is known. They are taken to have ended until their
    /// cgroups are found.
    mutating func restore(_ saved: [LedgerState.Workload]) {
        var indices: [Int] = []
        for workload in saved {
            let index =
                workload.id == Self.endedID
                ? insertEnded()
                : insert(identity(of: workload), key: workload.id, cgroup: workload.cgroup, settles: false)
            indices.append(index)
            let parent = workload.parent.map { indices[$0] }
            if workloads[index].parent != parent {
                // The tree is as it was saved: the account of a parent contains those of its children.
                if let wrong = workloads[index].parent { workloads[wrong].children -= 1 }
                if let parent { workloads[parent].children += 1 }
                workloads[index].parent = parent
            }
            workloads[index].account = workload.account
            workloads[index].counters = workload.counters
            workloads[index].dimensions = Set(workload.dimensions)
            if workload.id != Self.endedID { workloads[index].endedAt = 0 }
        }
        for index in indices where workloads[index].id != Self.endedID { settle(index) }
    }

    /// Drops those counters of an earlier run that have another meaning in this one.
    mutating func reinterpret(from before: LedgerState.Meaning, to now: LedgerState.Meaning) {
        for index in workloads.indices {
            if before.events != now.events { workloads[index].counters.counted = .zero }
            if before.classes != now.classes { workloads[index].counters.classNanoseconds = .zero }
        }
    }

    private func identity(of workload: LedgerState.Workload) -> CgroupIdentity {
        let identity = CgroupIdentity(cgroupPath: workload.path)
        if identity.path == workload.path, identity.key ?? "cgroup:\(workload.cgroup)" == workload.id {
            return identity
        }
        // Not known by its path alone, or by its path and not believed.
        var plain = CgroupIdentity.plain(workload.path)
        plain.kind = CgroupIdentity.Kind(rawValue: workload.kind) ?? .cgroup
        plain.name = workload.name
        return plain
    }
}
