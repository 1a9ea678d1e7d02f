internal import Linux

/// What one component of a cgroup path means, given its parent's name.
enum ComponentReading {
    case pod(uid: String, qos: String)
    case container(id: String, runtime: String?)
    /// A container that has a name and no id: LXC, systemd-nspawn.
    case machine(name: String, runtime: String)
    /// Pod and container in one name: `kubepods-podUID.slice:cri-containerd:ID`, which runc creates when it gets a
    /// systemd path but uses cgroupfs.
    case podContainer(uid: String, qos: String, id: String, runtime: String?)
    case job(BatchJob)
    /// The process that monitors a container from outside: conmon, LXC's monitor.
    case supervisor(runtime: String)
    case vm(name: String, runtime: String)
    /// What would be a unit if there were a systemd.
    case daemon
    case unit
    case slice
    /// What one run of a command is measured in, wherever it lies.
    case run
    case plain

    typealias Component = Substring.UTF8View

    /// The first rule that matches, from the most to the least specific, and the form of its names.
    static func read(_ component: Component, in context: Context) -> (reading: Self, rule: String) {
        // Any user may make one: it only has its own energy shown apart.
        if component.dropping(prefix: RunCgroup.namePrefix) != nil { return (.run, "energyd-run-NAME") }
        if context.isUsers { return readUsers(component, in: context) }
        let parent = context.parent
        if let reading = readColons(component, parent: parent) { return (reading, "SLICE:RUNTIME:ID") }
        if let reading = readPod(component, parent: parent) { return (reading, "podUID, PREFIX-podUID.slice") }
        if let reading = readLXC(component, parent: parent) { return (reading, lxcRule) }
        if let found = readVirtualMachine(component, in: context) { return found }
        if let found = readBatch(component, in: context) { return found }
        if let found = readOrchestrated(component, in: context) { return found }
        if let reading = readContainer(component, in: context) { return (reading, containerRule) }
        return readSystemd(component, parent: parent)
    }

    /// Where a user may have made the directory: containers of the engines that users run, and whatever a container has
    /// inside. Pods, jobs and virtual machines are the platform's, which root runs.
    private static func readUsers(_ component: Component, in context: Context) -> (reading: Self, rule: String) {
        let parent = context.parent
        if context.isUnknown, !context.isInContainer { return readSystemd(component, parent: parent) }
        if context.isInContainer, case .podContainer(_, _, let id, let runtime)? = readColons(component, parent: parent)
        {
            return (.container(id: id, runtime: runtime), "SLICE:RUNTIME:ID")
        }
        if let reading = readLXC(component, parent: parent) { return (reading, lxcRule) }
        if readVirtualMachine(component, in: context) == nil, let name = nspawnMachine(component, parent: parent) {
            return (.machine(name: name, runtime: "systemd-nspawn"), nspawnRule)
        }
        if let reading = readContainer(component, in: context) {
            guard case .container(_, let runtime) = reading, !context.isInContainer else {
                return (reading, containerRule)
            }
            if let runtime, !Runtimes.belongsToKubernetes(component, parent: parent, runtime: runtime) {
                return (reading, containerRule)
            }
        }
        return readSystemd(component, parent: parent)
    }

    private static let lxcRule = "lxc/NAME, lxc.payload/NAME, lxc.payload.NAME"
    private static let containerRule = "PREFIX-ID.scope, PREFIX-ID, ID"

    /// The context of a component.
    struct Context {
        var parent: Component?
        var grandparent: Component?
        /// The parent is a pod's own directory.
        var isInPod = false
        /// It lies in a container, however deep.
        var isInContainer = false
        /// Another user than root may have made it.
        var isUsers = false
        /// The same, and that user cannot be found out.
        var isUnknown = false
        /// The first component of the path.
        var top: Component?

        /// Whether the parent has that name and is the first component.
        func isAtTop(of name: StaticString) -> Bool { grandparent == nil && parent?.equals(name) ?? false }
    }

    /// `SLICE:RUNTIME:ID`.
    private static func readColons(_ component: Component, parent: Component?) -> Self? {
        guard component.contains(UInt8(ascii: ":")) else { return nil }
        let parts = component.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count == 3, parts[2].isHexadecimal, parts[2].count >= Runtimes.shortestID else { return nil }
        let id = String(Substring(parts[2]))
        let runtime = Runtimes.name(ofPrefix: parts[1])
        guard case .pod(let uid, let qos) = readPod(parts[0], parent: parent) else {
            return .container(id: id, runtime: runtime)
        }
        return .podContainer(uid: uid, qos: qos, id: id, runtime: runtime)
    }

    /// `kubepods-burstable-podUID.slice` of the kubelet's systemd driver, `burstable/podUID` of its cgroupfs driver.
    private static func readPod(_ component: Component, parent: Component?) -> Self? {
        let body = component.dropping(suffix: ".slice") ?? component
        for length in [36, 32] {
            guard body.count >= length + 3 else { continue }
            let uid = body.suffix(length)
            guard let prefix = body.dropLast(length).dropping(suffix: "pod"), uid.isPodUID,
                prefix.isEmpty || prefix.last == UInt8(ascii: "-")
            else { continue }
            let bytes = uid.map { $0 == UInt8(ascii: "_") ? UInt8(ascii: "-") : $0 }
            let level = prefix.isEmpty ? parent : prefix.dropLast()
            return .pod(uid: String(decoding: bytes, as: UTF8.self), qos: qos(of: level))
        }
        return nil
    }

    private static func qos(of level: Component?) -> String {
        if level?.dropping(suffix: "burstable") != nil { return "Burstable" }
        if level?.dropping(suffix: "besteffort") != nil { return "BestEffort" }
        return "Guaranteed"
    }

    /// `lxc.payload.NAME` and `lxc.payload/NAME` (LXC 4, incus, LXD), `lxc/NAME` (before, and Proxmox), `lxc.monitor...` and
    /// `lxc@NAME.service`, and `machine-lxc\x2dNUMBER\x2dNAME.scope` of libvirt.
    private static func readLXC(_ component: Component, parent: Component?) -> Self? {
        if let name = component.dropping(prefix: "lxc.payload."), !name.isEmpty {
            return .machine(name: String(Substring(name)), runtime: "lxc")
        }
        if component.dropping(prefix: "lxc.monitor") != nil || parent?.equals("lxc.monitor") ?? false {
            return .supervisor(runtime: "lxc")
        }
        // Its container has a cgroup of its own, here or at the root.
        if let name = component.dropping(prefix: "lxc@")?.dropping(suffix: ".service"), !name.isEmpty {
            return .supervisor(runtime: "lxc")
        }
        if let parent, parent.equals("lxc") || parent.equals("lxc.payload") {
            return .machine(name: String(Substring(component)), runtime: "lxc")
        }
        return component.machineName(driver: "lxc").map { .machine(name: $0, runtime: "lxc") }
    }

    private static let drivers: [StaticString] = ["qemu", "ch", "xen"]

    /// `machine-qemu\x2dNUMBER\x2dNAME.scope` and `NAME.libvirt-qemu` of libvirt, and those of its other drivers;
    /// `qemu.slice/NUMBER.scope` of Proxmox; `systemd-vmspawn@NAME.service`; `/firecracker/ID` of Firecracker's jailer.
    private static func readVirtualMachine(
        _ component: Component, in context: Context
    ) -> (reading: Self, rule: String)? {
        let parent = context.parent
        for driver in drivers {
            if let name = component.machineName(driver: driver) {
                return (.vm(name: name, runtime: "libvirt"), "machine-DRIVER-N-NAME.scope, NAME.libvirt-DRIVER")
            }
        }
        if let parent, parent.equals("qemu.slice"), let name = component.dropping(suffix: ".scope"), !name.isEmpty {
            return (.vm(name: name.unescaped, runtime: "qemu"), "qemu.slice/N.scope")
        }
        if context.isAtTop(of: "firecracker") {
            return (.vm(name: component.unescaped, runtime: "firecracker"), "/firecracker/ID")
        }
        if let name = component.dropping(prefix: "systemd-vmspawn@")?.dropping(suffix: ".service"), !name.isEmpty {
            return (.vm(name: name.unescaped, runtime: "systemd-vmspawn"), "systemd-vmspawn@NAME.service")
        }
        return nil
    }

    /// `PREFIX-ID.scope`, `PREFIX-ID` or `ID`, and the same with `-conmon` in the prefix.
    private static func readContainer(_ component: Component, in context: Context) -> Self? {
        let parent = context.parent
        let body = component.dropping(suffix: ".scope") ?? component
        let id = body.suffix(from: body.lastIndex(of: UInt8(ascii: "-")).map(body.index(after:)) ?? body.startIndex)
        guard id.count >= Runtimes.shortestID, id.isHexadecimal else { return nil }
        let prefix = body[..<id.startIndex].dropLast()
        // A long number alone means nothing, after whatever name; 64 hexadecimal digits are an id anywhere, and in a pod's
        // directory fewer are.
        let isInPod = context.isInPod && (prefix.isEmpty || Runtimes.isKnown(prefix: prefix))
        guard isInPod || id.count == Runtimes.fullID else { return nil }
        // A pod of podman's, with the cgroupfs driver.
        if prefix.isEmpty, let parent, parent.equals("libpod_parent") { return nil }
        if let runtime = prefix.dropping(suffix: "-conmon") {
            return .supervisor(runtime: Runtimes.name(ofPrefix: runtime))
        }
        // Amazon's agent puts a directory per task between its own and Docker's.
        let isBelowAgent = context.grandparent?.equals("ecs") ?? false || context.top?.equals("ecs") ?? false
        let isTask = prefix.isEmpty && isBelowAgent && parent?.count == 32 && parent?.isHexadecimal ?? false
        let runtime =
            isTask ? "docker" : prefix.isEmpty ? Runtimes.name(ofParent: parent) : Runtimes.name(ofPrefix: prefix)
        return .container(id: String(Substring(id)), runtime: runtime)
    }

    private static let unitSuffixes: [StaticString] = [".service", ".scope", ".socket", ".mount", ".swap"]

    private static func readSystemd(_ component: Component, parent: Component?) -> (reading: Self, rule: String) {
        if component.dropping(suffix: ".slice") != nil { return (.slice, "NAME.slice") }
        if unitSuffixes.contains(where: { component.dropping(suffix: $0) != nil }) {
            return (.unit, "NAME.service, NAME.scope and other units")
        }
        // Distributions without systemd slices put the kubelet and the runtime below /podruntime.
        if let parent, parent.equals("podruntime") { return (.daemon, "podruntime/NAME") }
        return (.plain, "none: any other directory")
    }
}
