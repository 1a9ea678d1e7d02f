/// The types of which a snapshot has thousands, read without the generic code of `Codable`, which takes four times as long
/// for them.
extension JSONReader {
    /// More names than this are not looked for one by one: the sender decides how many there are.
    private static var many: Int { 64 }

    /// The value at `place`; nil for another type than those, and for what is better read in the usual way.
    func frequent<Value>(_ type: Value.Type, at place: Int) -> Value? {
        if type == [String: String].self { return texts(at: place) as? Value }
        if type == NamedValues<Snapshot.ZoneEnergy>.self {
            return named(at: place, names: &zoneNames) { energy(at: $0) } as? Value
        }
        if type == NamedValues<Double>.self {
            return named(at: place, names: &otherNames) { tape.double(at: $0) } as? Value
        }
        if type == [UInt64].self { return counts(at: place) as? Value }
        return nil
    }

    private func counts(at place: Int) -> [UInt64]? {
        guard tape.entries[place].kind == .array else { return nil }
        var counts: [UInt64] = []
        var element = place + 1
        while element < Int(tape.entries[place].next) {
            guard let count: UInt64 = tape.integer(at: element) else { return nil }
            counts.append(count)
            element = Int(tape.entries[element].next)
        }
        return counts
    }

    private func texts(at place: Int) -> [String: String]? {
        var texts: [String: String] = [:]
        let isRead = tape.eachMember(of: place) { member in
            guard let name = tape.string(at: member), let value = tape.string(at: member + 1) else { return false }
            if texts[name] == nil { texts[name] = value }
            return true
        }
        return isRead ? texts : nil
    }

    /// - Parameter names: those of the one before, which are shared where they are the same.
    private func named<Value>(
        at place: Int, names: inout [String], _ value: (Int) -> Value?
    ) -> NamedValues<Value>? {
        var values: [Value] = []
        var isSame = true
        let isRead = tape.eachMember(of: place) { member in
            guard values.count < Self.many, let value = value(member + 1) else { return false }
            if isSame, values.count == names.count || !tape.isName(at: member, names[values.count]) {
                isSame = false
                names.removeSubrange(values.count...)
            }
            if !isSame {
                guard let name = tape.string(at: member), !names.contains(name) else { return false }
                names.append(name)
            }
            values.append(value)
            return true
        }
        guard isRead else { return nil }
        if values.count < names.count { names.removeSubrange(values.count...) }
        return NamedValues(names: names, values: values)
    }

    private func energy(at place: Int) -> Snapshot.ZoneEnergy? {
        var dynamic: UInt64?
        var fixed: UInt64?
        let isRead = tape.eachMember(of: place) { member in
            if dynamic == nil, tape.isName(at: member, "dynamicMicrojoules") {
                dynamic = tape.integer(at: member + 1)
            } else if fixed == nil, tape.isName(at: member, "staticMicrojoules") {
                fixed = tape.integer(at: member + 1)
            }
            return true
        }
        guard isRead, let dynamic, let fixed else { return nil }
        return Snapshot.ZoneEnergy(dynamicMicrojoules: dynamic, staticMicrojoules: fixed)
    }
}
