/// What one component of a cgroup path means, given its parent's name.
enum ComponentReading {
    case pod(uid: String, qos: String)
    case container(id: String, runtime: String?)
    /// Pod and container in one name: `kubepods-podUID.slice:cri-containerd:ID`, which runc creates when it gets a
    /// systemd path but uses cgroupfs.
    case podContainer(uid: String, qos: String, id: String, runtime: String?)
    /// The process that monitors a container from outside: conmon, LXC's monitor.
    case supervisor(runtime: String)
    case vm(name: String, runtime: String)
    case unit
    case slice
    case plain

    typealias Component = Substring.UTF8View

    /// The first rule that matches, from the most to the least specific, and the form of its names.
    static func read(_ component: Component, in context: Context) -> (reading: Self, rule: String) {
        let parent = context.parent
        if let reading = readColons(component, parent: parent) { return (reading, "SLICE:RUNTIME:ID") }
        if let reading = readPod(component, parent: parent) { return (reading, "podUID, PREFIX-podUID.slice") }
        if let reading = readLXC(component, parent: parent) { return (reading, "lxc/NAME, lxc.payload.NAME") }
        if let reading = readVirtualMachine(component, parent: parent) {
            return (reading, "machine-qemu-N-NAME.scope, NAME.libvirt-qemu, qemu.slice/N.scope")
        }
        if let found = readOrchestrated(component, in: context) { return found }
        if let reading = readContainer(component, in: context) {
            return (reading, "PREFIX-ID.scope, PREFIX-ID, ID")
        }
        return readSystemd(component, parent: parent)
    }

    /// The context of a component.
    struct Context {
        var parent: Component?
        var grandparent: Component?
        /// The parent is a pod's own directory.
        var isInPod = false
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

    /// `lxc.payload.NAME` (LXC 4), `lxc/NAME` (before, and Proxmox), `lxc.monitor...`, and
    /// `machine-lxc\x2dNUMBER\x2dNAME.scope` of libvirt.
    private static func readLXC(_ component: Component, parent: Component?) -> Self? {
        if let name = component.dropping(prefix: "lxc.payload."), !name.isEmpty {
            return .container(id: String(Substring(name)), runtime: "lxc")
        }
        if component.dropping(prefix: "lxc.monitor") != nil {
            return .supervisor(runtime: "lxc")
        }
        if let parent, parent.equals("lxc") {
            return .container(id: String(Substring(component)), runtime: "lxc")
        }
        return component.machineName(driver: "lxc").map { .container(id: $0, runtime: "lxc") }
    }

    /// `machine-qemu\x2dNUMBER\x2dNAME.scope` and `NAME.libvirt-qemu` of libvirt, `qemu.slice/NUMBER.scope` of Proxmox.
    private static func readVirtualMachine(_ component: Component, parent: Component?) -> Self? {
        if let name = component.machineName(driver: "qemu") {
            return .vm(name: name, runtime: "libvirt")
        }
        if let parent, parent.equals("qemu.slice"), let name = component.dropping(suffix: ".scope"), !name.isEmpty {
            return .vm(name: name.unescaped, runtime: "qemu")
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
        if let runtime = prefix.dropping(suffix: "-conmon") {
            return .supervisor(runtime: Runtimes.name(ofPrefix: runtime))
        }
        // Amazon's agent puts a directory per task between its own and Docker's.
        let isTask = prefix.isEmpty && context.grandparent?.equals("ecs") == true
        let runtime =
            isTask ? "docker" : prefix.isEmpty ? Runtimes.name(ofParent: parent) : Runtimes.name(ofPrefix: prefix)
        let isKnown = prefix.isEmpty ? context.isInPod : Runtimes.isKnown(prefix: prefix)
        // A long number alone means nothing; 64 hexadecimal digits are an id anywhere.
        guard isKnown || id.count == Runtimes.fullID else { return nil }
        return .container(id: String(Substring(id)), runtime: runtime)
    }

    private static let unitSuffixes: [StaticString] = [".service", ".scope", ".socket", ".mount", ".swap"]

    private static func readSystemd(_ component: Component, parent: Component?) -> (reading: Self, rule: String) {
        if component.dropping(suffix: ".slice") != nil { return (.slice, "NAME.slice") }
        if unitSuffixes.contains(where: { component.dropping(suffix: $0) != nil }) {
            return (.unit, "NAME.service, NAME.scope and other units")
        }
        // Distributions without systemd slices put the kubelet and the runtime below /podruntime.
        if let parent, parent.equals("podruntime") { return (.unit, "podruntime/NAME") }
        return (.plain, "none: any other directory")
    }
}
