internal import BPF
internal import CEnergyBPF

/// The maps of one table of slots: that of cgroups or that of processes. See `bpf/accounting/maps.h`.
struct SlotTable {
    /// Key to slot.
    let slots: Map
    /// By slot: an `energyd_key`, or an `energyd_process`, which begins with one.
    let owners: Map
    /// By slot and CPU: the totals.
    let usages: Map
    /// By block of slots.
    let stamps: Map
    private let free: Map
    private let usedOn: Map
    /// More maps by slot and CPU.
    private let extras: [Map]

    var maps: [Map] { [slots, free, owners, usages, usedOn, stamps] + extras }

    init(_ object: borrowing Object, names: Names, extras: [String] = []) throws(BPFError) {
        slots = try object.map(names.slots)
        free = try object.map(names.free)
        owners = try object.map(names.owners)
        usages = try object.map(names.usages)
        usedOn = try object.map(names.usedOn)
        stamps = try object.map(names.stamps)
        self.extras = try extras.map { (name) throws(BPFError) in try object.map(name) }
    }

    /// Puts every slot on the list of free ones, once. The lowest on top: slots in use lie close together.
    func fill() throws(BPFError) {
        for slot in (0..<UInt32(slots.capacity)).reversed() { try free.push(slot) }
    }

    /// Makes a slot free whose owner is gone from ``slots`` and has no part in ``usages`` any more.
    func release(_ slot: UInt32) throws(BPFError) {
        try free.push(slot)
    }

    /// Frees the slot of `key`; false if it has none. Call it when its totals are final.
    @discardableResult
    func forget(_ key: energyd_key) throws(BPFError) -> Bool {
        guard let slot = try slots.value(of: key, as: UInt32(0)), try slots.remove(key) else { return false }
        // No guess may find it any more, and the next owner must find nothing of this one.
        try owners.clear(slot)
        for map in [usages, usedOn] + extras { try map.clear(slot) }
        try release(slot)
        return true
    }

    /// Slots that were charged in recent windows, or all of them, with their owners checked by the caller.
    func dueSlots(window: UInt32, isFull: Bool) throws(BPFError) -> [UInt32] {
        guard !isFull else { return Array(0..<UInt32(slots.capacity)) }
        var blocks = Array(repeating: UInt32(0), count: stamps.capacity)
        var values = Array(repeating: energyd_stamps(), count: stamps.capacity)
        let count = try stamps.readAll(keys: &blocks, values: &values)
        func isDue(_ stamp: UInt32) -> Bool { stamp + UInt32(ENERGYD_RECENT_WINDOWS) >= window }
        var due: [UInt32] = []
        for index in 0..<count where isDue(values[index].newest) {
            withUnsafeBytes(of: values[index].window) { bytes in
                for (place, stamp) in bytes.bindMemory(to: UInt32.self).enumerated() where isDue(stamp) {
                    due.append(blocks[index] * UInt32(ENERGYD_BLOCK) + UInt32(place))
                }
            }
        }
        return due
    }
}

extension SlotTable {
    /// The names of a table's maps in the object.
    struct Names {
        let slots, free, owners, usages, usedOn, stamps: String

        static let cgroups = Names(
            slots: "cgroup_slots", free: "free_cgroup_slots", owners: "cgroups", usages: "cgroup_usages",
            usedOn: "cgroup_used_on", stamps: "cgroup_stamps")
        static let processes = Names(
            slots: "process_slots", free: "free_process_slots", owners: "processes", usages: "process_usages",
            usedOn: "process_used_on", stamps: "process_stamps")

        var all: [String] { [slots, free, owners, usages, usedOn, stamps] }
    }

    /// Gives the maps of a table their sizes before the load.
    static func resize(_ names: Names, to capacity: Int, in object: borrowing Object) throws(BPFError) {
        for map in [names.slots, names.free, names.owners, names.usages, names.usedOn] {
            try object.resize(map, to: capacity)
        }
        try object.resize(names.stamps, to: (capacity + Int(ENERGYD_BLOCK) - 1) / Int(ENERGYD_BLOCK))
        // Read in words of eight bytes; the verifier wants the last of them whole wherever it may begin.
        try object.setValueSize(of: names.usedOn, to: (Machine.possibleCPUs + 7) / 8 * 8 + 8)
    }
}
