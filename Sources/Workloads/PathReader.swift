internal import Linux

/// Combines the readings of a path's components, from the root to the leaf.
struct PathReader {
    typealias Component = Substring.UTF8View

    private struct Pod {
        var uid: String
        var qos: String
        /// The pod's own directory; nil where it shares one with its container.
        var end: String.Index?
    }

    private struct Container {
        var id: String
        var runtime: String?
    }

    private var kind = CgroupIdentity.Kind.cgroup
    /// The component that the workload's path ends with, and the two before it.
    private var leaf: Component?
    private var leafParent: Component?
    private var parent: Component?
    private var grandparent: Component?
    private var rule = "the root"
    private var pod: Pod?
    private var container: Container?
    private var outer: Container?
    private var runtime: String?
    private var virtualMachine: String?

    mutating func read(_ component: Component) {
        let isInPod = kind == .pod && leaf?.endIndex == parent?.endIndex
        let context = ComponentReading.Context(parent: parent, grandparent: grandparent, isInPod: isInPod)
        let (reading, rule) = ComponentReading.read(component, in: context)
        let before = leaf?.endIndex
        apply(reading, of: component)
        if leaf?.endIndex != before { self.rule = rule }
        (grandparent, parent) = (parent, component)
    }

    private mutating func apply(_ reading: ComponentReading, of component: Component) {
        switch reading {
        case .pod(let uid, let qos):
            enter(Pod(uid: uid, qos: qos, end: component.endIndex))
            select(.pod, component)
        case .container(let id, let runtime):
            enter(Container(id: id, runtime: runtime ?? (kind == .pod ? "cri" : nil)))
            select(.container, component)
        case .podContainer(let uid, let qos, let id, let runtime):
            enter(Pod(uid: uid, qos: qos, end: nil))
            enter(Container(id: id, runtime: runtime))
            select(.container, component)
        case .supervisor(let runtime) where kind != .container && kind != .vm:
            select(.unit, component, runtime: runtime)
        case .vm(let name, let runtime) where !isClosed:
            virtualMachine = name
            select(.vm, component, runtime: runtime)
        case .unit where !isClosed:
            select(.unit, component)
        case .slice where !isClosed:
            select(.slice, component)
        case .plain where !isClosed && kind != .unit:
            select(.cgroup, component)
        case .supervisor, .vm, .unit, .slice, .plain:
            break
        }
    }

    /// Whether only another pod or container can take over: everything else below is part of this workload.
    private var isClosed: Bool {
        kind == .container || kind == .vm || pod != nil
    }

    private mutating func enter(_ pod: Pod) {
        outer = container ?? outer
        container = nil
        self.pod = pod
    }

    private mutating func enter(_ container: Container) {
        outer = self.container ?? outer
        self.container = container
    }

    private mutating func select(_ kind: CgroupIdentity.Kind, _ component: Component, runtime: String? = nil) {
        self.kind = kind
        self.runtime = runtime
        leafParent = parent
        leaf = component
    }

    /// The result; `path` is the string that the components were cut from.
    func identity(in path: String) -> CgroupIdentity {
        guard let leaf else { return CgroupIdentity(kind: .cgroup, path: "/", name: "/") }
        // Most paths are exactly the workload's: no second copy then.
        let own = leaf.endIndex == path.endIndex ? path : String(path[..<leaf.endIndex])
        var identity = CgroupIdentity(kind: kind, path: own, name: name(of: leaf))
        identity.rule = rule
        identity.runtime = kind == .container ? container?.runtime : runtime
        identity.containerID = kind == .container ? container?.id : nil
        identity.podUID = pod?.uid
        identity.qos = pod?.qos
        identity.outerContainerID = outer.map { String($0.id.prefix(12)) }
        identity.podPath = kind == .pod ? nil : pod?.end.map { String(path[..<$0]) }
        return identity
    }

    private func name(of leaf: Component) -> String {
        switch kind {
        case .container:
            container.map { $0.id.utf8.isHexadecimal ? String($0.id.prefix(12)) : NameBytes.readable($0.id) }
                ?? leaf.unescaped
        case .pod: pod?.uid ?? leaf.unescaped
        case .vm: virtualMachine ?? leaf.unescaped
        case .unit, .slice, .namespace: leaf.unescaped
        case .cgroup: leafParent.map { "\($0.unescaped)/\(leaf.unescaped)" } ?? leaf.unescaped
        }
    }
}
