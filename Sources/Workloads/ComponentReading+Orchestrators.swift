/// Layouts of systems besides Kubernetes and the engines: Nomad, Amazon ECS, Cloud Foundry's Garden, Kata Containers,
/// Hadoop YARN, Mesos, systemd-nspawn with what NixOS makes of it.
extension ComponentReading {
    static func readOrchestrated(
        _ component: Component, in context: Context
    ) -> (reading: ComponentReading, rule: String)? {
        if let id = nomadTask(component, in: context) {
            return (.container(id: id, runtime: "nomad"), "nomad.slice/[share.slice/]ALLOCATION.TASK.scope")
        }
        if let id = fargateContainer(component, parent: context.parent) {
            return (.container(id: id, runtime: "ecs"), "TASK/TASK-NUMBER")
        }
        if let id = gardenHandle(component, in: context) {
            return (.container(id: id, runtime: "garden"), "garden/[good/|bad/]HANDLE")
        }
        if let id = kataSandbox(component, parent: context.parent) {
            return (.container(id: id, runtime: "kata"), "kata_ID, kata_overhead/ID")
        }
        if context.isAtTop(of: "hadoop-yarn"), component.dropping(prefix: "container_") != nil {
            return (.container(id: String(Substring(component)), runtime: "yarn"), "/hadoop-yarn/container_ID")
        }
        if context.parent?.equals("mesos") ?? false, component.count == 36, component.isPodUID {
            return (.container(id: String(Substring(component)), runtime: "mesos"), "mesos/UUID")
        }
        if let name = nspawnMachine(component, parent: context.parent) {
            return (.machine(name: name, runtime: "systemd-nspawn"), nspawnRule)
        }
        return nil
    }

    /// Drivers exec and java: `nomad.slice/ALLOCATION.TASK.scope`, since 1.7 below `share.slice` or `reserve.slice`;
    /// with cgroups v1 `nomad/...` without suffixes. Its Docker driver uses Docker's own layout.
    ///
    /// Source: nomad/client/lib/cgroupslib.
    private static func nomadTask(_ component: Component, in context: Context) -> String? {
        func isNomad(_ name: Component?) -> Bool {
            name?.equals("nomad.slice") ?? false || name?.equals("nomad") ?? false
        }
        let parts: [StaticString] = ["share.slice", "reserve.slice", "share", "reserve"]
        let isPart = parts.contains { context.parent?.equals($0) ?? false }
        guard isNomad(context.parent) || isPart && isNomad(context.grandparent) else { return nil }
        let body = component.dropping(suffix: ".scope") ?? component
        guard body.prefix(36).isPodUID, body.count > 37, body.dropFirst(36).first == UInt8(ascii: ".") else {
            return nil
        }
        return body.unescaped
    }

    /// On Fargate a container is called after its task, which is its parent directory: `TASK/TASK-NUMBER`.
    private static func fargateContainer(_ component: Component, parent: Component?) -> String? {
        guard let parent, parent.count == 32, parent.isHexadecimal, component.count > 33,
            component.prefix(32).elementsEqual(parent), component.dropFirst(32).first == UInt8(ascii: "-"),
            component.dropFirst(33).allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        return String(Substring(component))
    }

    /// A handle is any text that the platform gives; those of Cloud Foundry and Concourse are a UUID, mostly a shortened one,
    /// some with a word before it. Where CPU is throttled there are the directories `good` and `bad` above it.
    ///
    /// Source: cloudfoundry/guardian, rundmc/cgroups.
    private static func gardenHandle(_ component: Component, in context: Context) -> String? {
        let isSide = context.parent?.equals("good") ?? false || context.parent?.equals("bad") ?? false
        let home = isSide ? context.grandparent : context.parent
        guard home?.equals("garden") ?? false else { return nil }
        let parts = component.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        // The first parts of a UUID, and what remains of the others.
        let isHandle = parts.indices.contains { index in
            parts[index].count == 8 && parts.count - index > 1
                && parts[index...].allSatisfy { !$0.isEmpty && $0.isHexadecimal }
        }
        return isHandle ? String(Substring(component)) : nil
    }

    /// The sandbox of a pod: its virtual machine and shim. `kata_overhead` where only the overhead lies outside.
    private static func kataSandbox(_ component: Component, parent: Component?) -> String? {
        let id = component.dropping(prefix: "kata_") ?? ((parent?.equals("kata_overhead") ?? false) ? component : nil)
        guard let id, id.isHexadecimal, id.count >= Runtimes.shortestID else { return nil }
        return String(Substring(id))
    }

    static let nspawnRule =
        "systemd-nspawn@NAME.service, machine.slice/container@NAME.service, machine.slice/machine-NAME.scope, SCOPE/payload"

    /// Started as a service, which NixOS calls `container@NAME.service`, or by hand; the scope is what systemd-machined
    /// makes for anything that libvirt did not.
    static func nspawnMachine(_ component: Component, parent: Component?) -> String? {
        if let name = component.dropping(prefix: "systemd-nspawn@")?.dropping(suffix: ".service"), !name.isEmpty {
            return name.unescaped
        }
        guard parent?.equals("machine.slice") ?? false else { return nil }
        let name =
            component.dropping(prefix: "machine-")?.dropping(suffix: ".scope")
            ?? component.dropping(prefix: "container@")?.dropping(suffix: ".service")
        return name.flatMap { $0.isEmpty ? nil : $0.unescaped }
    }

    /// The name of a machine that shows only by the directories `payload` and `supervisor` that systemd-nspawn makes in its
    /// unit: a scope of its own in a machine slice, `NAME.scope`; what systemd-machined or NixOS made in any other slice.
    static func nspawnUnit(_ component: Component, parent: Component?) -> String? {
        let isOfMachines =
            parent.map {
                $0.equals("machine.slice") || $0.dropping(prefix: "machine-")?.dropping(suffix: ".slice") != nil
            }
            ?? false
        let name =
            component.dropping(prefix: "machine-")?.dropping(suffix: ".scope")
            ?? component.dropping(prefix: "container@")?.dropping(suffix: ".service")
            ?? (isOfMachines ? component.dropping(suffix: ".scope") : nil)
        return name.flatMap { $0.isEmpty ? nil : $0.unescaped }
    }
}
