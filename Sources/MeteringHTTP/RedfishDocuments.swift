internal import FoundationEssentials

/// The parts of Redfish documents that contain power. DMTF DSP2046, schemas ChassisCollection, Chassis, Power and
/// EnvironmentMetrics.
enum RedfishDocument {
    struct Link: Decodable {
        let path: String

        enum CodingKeys: String, CodingKey { case path = "@odata.id" }
    }

    struct Collection: Decodable {
        let members: [Link]

        enum CodingKeys: String, CodingKey { case members = "Members" }
    }

    struct Chassis: Decodable {
        let environment: Link?
        let power: Link?

        enum CodingKeys: String, CodingKey {
            case environment = "EnvironmentMetrics"
            case power = "Power"
        }
    }

    /// Since 2020.4.
    struct Environment: Decodable {
        struct Sensor: Decodable {
            let reading: Double?

            enum CodingKeys: String, CodingKey { case reading = "Reading" }
        }

        let power: Sensor?

        enum CodingKeys: String, CodingKey { case power = "PowerWatts" }
    }

    /// Before, and still.
    struct Power: Decodable {
        struct Control: Decodable {
            let consumed: Double?

            enum CodingKeys: String, CodingKey { case consumed = "PowerConsumedWatts" }
        }

        let controls: [Control]?

        enum CodingKeys: String, CodingKey { case controls = "PowerControl" }
    }

    static func decode<T: Decodable>(_ type: T.Type, _ bytes: [UInt8]) -> T? {
        try? JSONDecoder().decode(type, from: Data(bytes))
    }

    /// The power in either kind of document, W; nil where there is none. Of several controls the first is the whole.
    static func watts(in bytes: [UInt8]) -> Double? {
        let environment = decode(Environment.self, bytes)?.power?.reading
        return environment ?? decode(Power.self, bytes)?.controls?.lazy.compactMap(\.consumed).first
    }
}
