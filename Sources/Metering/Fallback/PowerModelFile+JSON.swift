package import Attribution
internal import FoundationEssentials
internal import Linux

extension PowerModelFile {
    /// Reads a file and checks that it fits the machine; throws ``Refusal``.
    static func load(_ path: String, cpuModel: String) throws(Refusal) -> PowerModelFile {
        let bytes: [UInt8]
        do {
            bytes = try readGivenFile(path, limit: largestFile)
        } catch {
            throw Refusal("\(error)")
        }
        guard let model = PowerModelFile(json: bytes) else {
            throw Refusal("\(path): no model of `energyctl model export`: damaged, or something else")
        }
        if let misfit = model.misfit(cpuModel: cpuModel) { throw Refusal("\(path): \(misfit)") }
        return model
    }

    /// A real one has a few kB.
    private static let largestFile = 1 << 20

    struct Refusal: Error, CustomStringConvertible {
        let description: String

        init(_ description: String) {
            self.description = description
        }
    }

    /// nil for what is no such JSON; whether it makes sense is told by ``defect``.
    package init?(json bytes: [UInt8]) {
        guard let model = try? JSONDecoder().decode(PowerModelFile.self, from: Data(bytes)) else { return nil }
        self = model
    }

    /// For people to read too.
    package func json() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return [UInt8](try encoder.encode(self)) + [UInt8(ascii: "\n")]
    }
}
