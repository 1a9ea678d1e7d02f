internal import Attribution
internal import Units

extension Setting {
    /// Idle power: one figure for the node, or one for each kind of zone.
    package static let idlePower = value(
        "power.idle", \.power.idle, valueName: "watts",
        help:
            "Idle power of the node, of packages and memory together, where it is known: 36; or of each: "
            + "package=30,dram=6. Learned where it is not given.",
        defaultText: "learned", show: { $0.map(text) }
    ) { (text) throws(Refusal) in
        if let number = watts(text[...]) { return .node(number) }
        var given: [ZoneID.Component: Watts] = [:]
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let sides = part.split(separator: "=", omittingEmptySubsequences: false)
            guard sides.count == 2, let component = ZoneID.Component(rawValue: String(sides[0])),
                [.package, .dram, .platform].contains(component), let number = watts(sides[1]),
                given.updateValue(number, forKey: component) == nil
            else {
                throw Refusal(
                    "\(quoted(text)) is neither a number of watts above 0, such as 36, nor one for each of package, "
                        + "dram and platform, such as package=30,dram=6")
            }
        }
        return .components(given)
    }

    /// No node draws more.
    private static let highest = 100_000.0

    private static func watts(_ text: Substring) -> Watts? {
        guard let number = Double(text), number > 0, number <= highest else { return nil }
        return Watts(number)
    }

    private static func text(_ idle: ConfiguredIdle) -> String {
        switch idle {
        case .node(let watts): "\(watts.value)"
        case .components(let given):
            given.map { "\($0.rawValue)=\($1.value)" }.sorted().joined(separator: ",")
        }
    }
}
