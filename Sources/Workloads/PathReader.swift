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
        var name: String
        var runtime: String?
        var isNamedOnly = false
    }

    private let ground: UserGround?
    /// How many components were read.
    private var count = 0
    private var kind = CgroupIdentity.Kind.cgroup
    /// The component that the workload's path ends with, its number, and the one before it.
    private var leaf: Component?
    private var leafNumber = 0
    private var leafParent: Component?
    private var parent: Component?
    private var top: Component?
    private var grandparent: Component?
    private var rule = "the root"
    private var pod: Pod?
    private var container: Container?
    private var outer: Container?
    private var job: BatchJob?
    private var runtime: String?
    private var virtualMachine: String?
    /// Whether the host's systemd, or the manager of a user, puts slices and units into the directory that was read last.
    private var isManaged = true
    /// A systemd of its own was found in a plain directory, whose part everything below is.
    private var isSealed = false

    init(ground: UserGround? = nil) {
        self.ground = ground
    }

    mutating func read(_ component: Component) {
        let isInPod = kind == .pod && leafNumber == count
        var context = ComponentReading.Context(parent: parent, grandparent: grandparent, isInPod: isInPod)
        context.top = top
        context.isInContainer = container != nil || outer != nil
        // Only root made what lies in a pod's directory, if that is no longer there.
        context.isUsers = isUsers(count) && !(isInPod && ground?.user == nil)
        context.isUnknown = context.isUsers && ground?.user == nil
        count += 1
        let (reading, rule) = ComponentReading.read(component, in: context)
        let before = leafNumber
        takeMachine(whosePartIs: component, isUnknown: context.isUnknown)
        apply(reading, of: component)
        if leafNumber != before { self.rule = rule }
        (grandparent, parent) = (parent, component)
        top = top ?? component
    }

    /// Whether a user may have made what stands at a place of the path.
    private func isUsers(_ number: Int) -> Bool { ground.map { number >= $0.depth } ?? false }

    private mutating func apply(_ reading: ComponentReading, of component: Component) {
        let wasManaged = isManaged
        isManaged = false
        switch reading {
        case .pod(let uid, let qos):
            enter(Pod(uid: uid, qos: qos, end: component.endIndex))
            select(.pod, component)
        case .container(let id, let runtime):
            enter(Container(id: id, name: id, runtime: runtime ?? (kind == .pod ? "cri" : nil)))
            select(.container, component)
        case .machine(let name, let runtime):
            enter(Container(id: uniqueID(of: name, at: count), name: name, runtime: runtime, isNamedOnly: true))
            select(.container, component)
        case .podContainer(let uid, let qos, let id, let runtime):
            enter(Pod(uid: uid, qos: qos, end: nil))
            enter(Container(id: id, name: id, runtime: runtime))
            select(.container, component)
        case .job(let job) where !isClosed:
            self.job = job
            select(.job, component, runtime: job.system)
        case .supervisor(let runtime) where ![.container, .vm, .job].contains(kind) && !isSealed:
            select(.unit, component, runtime: runtime)
        case .vm(let name, let runtime) where !isClosed && (kind != .unit || wasManaged):
            virtualMachine = name
            select(.vm, component, runtime: runtime)
        case .daemon where !isClosed:
            select(.unit, component)
        case .slice, .unit:
            takeSystemd(reading, component, wasManaged)
        case .run:
            takeRun(component)
        case .plain where !isClosed && kind != .unit:
            select(.cgroup, component)
        case .job, .supervisor, .vm, .daemon, .plain:
            break
        }
    }

    /// Takes the unit that was read last for a container where what lies in it shows that.
    private mutating func takeMachine(whosePartIs component: Component, isUnknown: Bool) {
        guard kind == .unit, leafNumber == count - 1, let leaf, !isClosed, !isUnknown,
            component.equals("payload") || component.equals("supervisor"),
            let name = ComponentReading.nspawnUnit(leaf, parent: leafParent)
        else { return }
        enter(
            Container(id: uniqueID(of: name, at: leafNumber), name: name, runtime: "systemd-nspawn", isNamedOnly: true))
        kind = .container
        rule = ComponentReading.nspawnRule
    }

    /// A slice or unit: the host's where its systemd or a user's manager puts such; else of a systemd in whatever the
    /// directory above is, and part of that.
    private mutating func takeSystemd(_ reading: ComponentReading, _ component: Component, _ wasManaged: Bool) {
        guard !isClosed else { return }
        guard wasManaged else {
            isSealed = isSealed || kind == .cgroup
            return
        }
        if case .slice = reading {
            isManaged = true
            select(.slice, component)
        } else {
            isManaged = component.isUserManager
            select(.unit, component)
        }
    }

    /// A run is part of whatever it was started in, and still a workload of its own; what lies in it is part of it.
    private mutating func takeRun(_ component: Component) {
        outer = container ?? outer
        (pod, container, job) = (nil, nil, nil)
        select(.cgroup, component)
        isSealed = true
    }

    /// Whether only another pod or container can take over: everything else below is part of this workload.
    private var isClosed: Bool {
        isSealed || kind == .container || kind == .vm || kind == .job || pod != nil
    }

    /// A name is unique only in its place: in a container, or among those of one user.
    private func uniqueID(of name: String, at number: Int) -> String {
        if let around = container ?? outer { return "\(around.id)/\(name)" }
        guard isUsers(number - 1), let user = ground?.user else { return name }
        return "\(user)/\(name)"
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
        leafNumber = count
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
        identity.isNamedOnly = kind == .container && container?.isNamedOnly ?? false
        identity.jobID = kind == .job ? job?.id : nil
        identity.userID = kind == .job ? job?.userID : isUsers(leafNumber - 1) ? ground?.user : nil
        identity.userName = kind == .job ? job?.userName : nil
        identity.podUID = pod?.uid
        identity.qos = pod?.qos
        identity.outerContainerID = outer?.id
        identity.podPath = kind == .pod ? nil : pod?.end.map { String(path[..<$0]) }
        return identity
    }

    private func name(of leaf: Component) -> String {
        switch kind {
        case .container:
            container.map { $0.name.utf8.isHexadecimal ? String($0.name.prefix(12)) : NameBytes.readable($0.name) }
                ?? leaf.unescaped
        case .pod: pod?.uid ?? leaf.unescaped
        case .job: job.map { NameBytes.readable($0.id) } ?? leaf.unescaped
        case .vm: virtualMachine ?? leaf.unescaped
        case .unit, .slice, .namespace: leaf.unescaped
        case .cgroup: leafParent.map { "\($0.unescaped)/\(leaf.unescaped)" } ?? leaf.unescaped
        }
    }
}
