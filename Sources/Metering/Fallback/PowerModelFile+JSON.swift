package import Attribution
internal import FoundationEssentials
package import Linux

extension PowerModelFile {
    /// Reads a file and checks that it fits the machine; throws ``Refusal``.
    static func load(
        _ path: String, cpuModel: String, read: (_ path: String) throws(HostError) -> [UInt8]
    ) throws(Refusal) -> PowerModelFile {
        let bytes: [UInt8]
        do {
            bytes = try read(path)
        } catch {
            throw Refusal("\(error)")
        }
        guard let model = PowerModelFile(json: bytes) else {
            throw Refusal("\(path): not a file of `energyctl model export`, or damaged")
        }
        if let misfit = model.misfit(cpuModel: cpuModel) { throw Refusal("\(path): \(misfit)") }
        return model
    }

    /// The bytes of a file that the operator named.
    package static func read(_ path: String) throws(HostError) -> [UInt8] {
        try readGivenFile(path, limit: largestFile)
    }

    /// Actual files have a few kB.
    private static let largestFile = 1 << 20

    struct Refusal: Error, CustomStringConvertible {
        let description: String

        init(_ description: String) {
            self.description = description
        }
    }

    /// nil for anything but such JSON; ``defect`` checks the content.
    package init?(json bytes: [UInt8]) {
        guard let model = try? JSONDecoder().decode(PowerModelFile.self, from: Data(bytes)) else { return nil }
        self = model
    }

    /// Formatted, so that people can read it too.
    package func json() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return [UInt8](try encoder.encode(self)) + [UInt8(ascii: "\n")]
    }
}
