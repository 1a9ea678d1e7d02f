internal import Formatting

/// The numbers under which the store has zones, factors and workloads; those in use are remembered.
struct HistoryDictionary {
    private var zones: [HistoryZone: Int64] = [:]
    private var factors: [HistoryFactors: Int64] = [:]
    private var workloads: [HistoryWorkload: Int64] = [:]

    /// Workloads that are remembered; all are forgotten when there are more.
    private static let limit = 10_000

    mutating func forget() { self = HistoryDictionary() }

    mutating func id(of zone: HistoryZone, in database: SQLiteDatabase) throws(SQLiteError) -> Int64 {
        if let known = zones[zone] { return known }
        let values: [SQLiteValue] = [
            .text(zone.name), .text(zone.source), .text(zone.quality), .text(zone.dynamicQuality), .text(zone.hardware),
        ]
        let id = try Self.id(
            in: database, "zone", ["name", "source", "quality", "dynamic_quality", "hardware"], values)
        zones[zone] = id
        return id
    }

    mutating func id(of factors: HistoryFactors, in database: SQLiteDatabase) throws(SQLiteError) -> Int64 {
        if let known = self.factors[factors] { return known }
        let values: [SQLiteValue] = [
            .real(factors.gramsPerKilowattHour), .real(factors.pue), .text(factors.source), .text(factors.type),
            .text(factors.scope), .text(factors.quality), .real(factors.pricePerKilowattHour), .text(factors.currency),
        ]
        let id = try Self.id(
            in: database, "factors",
            ["intensity", "pue", "source", "type", "scope", "quality", "price", "currency"], values)
        self.factors[factors] = id
        return id
    }

    /// Numbers for a workload and for what it lasts as.
    ///
    /// - Parameter isUserMade: whether a user who is not root chose the name; noted where the name is new.
    mutating func id(
        of workload: HistoryWorkload, isUserMade: Bool = false, in database: SQLiteDatabase
    ) throws(SQLiteError) -> Int64 {
        if let known = workloads[workload] { return known }
        if workloads.count >= Self.limit { workloads.removeAll() }
        let columns = [
            "kind", "namespace", "owner_kind", "owner_name", "pod", "container", "path", "labels",
        ]
        let values: [SQLiteValue] = [
            .text(workload.kind), .text(workload.namespace), .text(workload.ownerKind), .text(workload.ownerName),
            .text(workload.pod), .text(workload.container), .text(workload.path), .text(Self.text(workload.labels)),
        ]
        let id = try Self.id(in: database, "workload", columns, values)
        let lasting = workload.lasting
        let lastingID = lasting == workload ? id : try self.id(of: lasting, isUserMade: isUserMade, in: database)
        try database.run(
            "UPDATE workload SET lasting = ?, user_made = ? WHERE id = ? AND lasting IS NULL", .integer(lastingID),
            .integer(isUserMade ? 1 : 0), .integer(id))
        workloads[workload] = id
        return id
    }

    /// The number of the row with these values, which is added where there is none.
    private static func id(
        in database: SQLiteDatabase, _ table: String, _ columns: [String], _ values: [SQLiteValue]
    ) throws(SQLiteError) -> Int64 {
        let condition = columns.map { "\($0) IS ?" }.joined(separator: " AND ")
        let search = try database.statement("SELECT id FROM \(table) WHERE \(condition)")
        try search.bind(values)
        let found = try search.step() ? search.integer(0) : nil
        search.reset()
        if let found { return found }
        let places = columns.map { _ in "?" }.joined(separator: ", ")
        let insertion = try database.statement(
            "INSERT INTO \(table) (\(columns.joined(separator: ", "))) VALUES (\(places))")
        try insertion.bind(values)
        while try insertion.step() {}
        insertion.reset()
        return database.lastRow
    }

    /// Labels as one text: `name=value` in the order of the names, each length before its text, so that no name or value
    /// can be mistaken for another.
    static func text(_ labels: [String: String]) -> String {
        labels.sorted { $0.key < $1.key }.map { "\($0.utf8.count):\($0)\($1.utf8.count):\($1)" }.joined()
    }

    /// Labels from such a text; those that can be read where it is damaged.
    static func labels(_ text: String) -> [String: String] {
        var parts: [String] = []
        var rest = Substring(text).utf8
        while let colon = rest.firstIndex(of: UInt8(ascii: ":")), let length = Int(String(rest[..<colon]) ?? "") {
            let start = rest.index(after: colon)
            guard length >= 0, let end = rest.index(start, offsetBy: length, limitedBy: rest.endIndex),
                let part = String(rest[start..<end])
            else { break }
            parts.append(part)
            rest = rest[end...]
        }
        return Dictionary(
            stride(from: 0, to: parts.count - parts.count % 2, by: 2).map { (parts[$0], parts[$0 + 1]) }
        ) { first, _ in first }
    }
}
