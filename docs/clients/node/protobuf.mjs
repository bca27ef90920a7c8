// As much of Protocol Buffers (proto3) as a client of this contract needs, by protoc's descriptor set; node alone.
//
//   protoc -I proto --include_imports --descriptor_set_out=mpic.pb proto/mpic/v1/*.proto
//   const schema = new Schema(readFileSync('mpic.pb'))
//   schema.decode('.mpic.v1.Statement', schema.encode('.mpic.v1.Statement', {key_id: '…', payload: buffer}))
//
// A message is a plain object with the names of the .proto; an enum value is its name, 64-bit numbers are BigInt, bytes
// are Buffers. Decoded, what was not sent is absent, and repeated fields are arrays. What is malformed, or of a kind
// that the contract does not use, throws.

const VARINT = 0, FIXED64 = 1, BYTES = 2, FIXED32 = 5  // wire types
const DOUBLE = 1, INT64 = 3, UINT64 = 4, INT32 = 5, BOOL = 8  // types and labels of fields, by descriptor.proto
const STRING = 9, MESSAGE = 11, OCTETS = 12, UINT32 = 13, ENUM = 14
const REPEATED = 3
const NUMBERS = new Set([INT64, UINT64, INT32, BOOL, UINT32, ENUM])

// descriptor.proto, of which a descriptor set is made, as far as it is read here: [number, name, type, its message].
const BOOTSTRAP = {
  Set: [[1, 'file*', MESSAGE, 'File']],
  File: [[2, 'package', STRING], [4, 'message_type*', MESSAGE, 'Message'], [5, 'enum_type*', MESSAGE, 'Enum']],
  Message: [[1, 'name', STRING], [2, 'field*', MESSAGE, 'Field'], [3, 'nested_type*', MESSAGE, 'Message'],
    [4, 'enum_type*', MESSAGE, 'Enum']],
  Field: [[1, 'name', STRING], [3, 'number', INT32], [4, 'label', INT32], [5, 'type', INT32], [6, 'type_name', STRING]],
  Enum: [[1, 'name', STRING], [2, 'value*', MESSAGE, 'Value']],
  Value: [[1, 'name', STRING], [2, 'number', INT32]],
}

export class Schema {
  #messages = new Map()  // full name -> fields, by number
  #enums = new Map()     // full name -> {names: number -> name, numbers: name -> number}

  constructor(descriptorSet) {
    for (const [name, fields] of Object.entries(BOOTSTRAP)) {
      this.#messages.set(name, new Map(fields.map(([number, text, type, typeName]) => [number,
        {name: text.replace('*', ''), number, type, typeName, repeated: text.endsWith('*')}])))
    }
    for (const file of this.decode('Set', descriptorSet).file) {
      const scope = file.package ? `.${file.package}` : ''
      file.message_type.forEach((message) => this.#addMessage(scope, message))
      file.enum_type.forEach((one) => this.#addEnum(scope, one))
    }
  }

  #addMessage(scope, message) {
    const name = `${scope}.${message.name}`
    this.#messages.set(name, new Map(message.field.map((field) => [field.number, {
      name: field.name, number: field.number, type: field.type, typeName: field.type_name,
      repeated: field.label === REPEATED}])))
    message.nested_type.forEach((inner) => this.#addMessage(name, inner))
    message.enum_type.forEach((inner) => this.#addEnum(name, inner))
  }

  #addEnum(scope, one) {
    const names = new Map(one.value.map((value) => [value.number ?? 0, value.name]))
    const numbers = new Map([...names].map(([number, name]) => [name, number]))
    this.#enums.set(`${scope}.${one.name}`, {names, numbers})
  }

  #fieldsOf(typeName) {
    const fields = this.#messages.get(typeName)
    if (!fields) throw new Error(`no message ${typeName}`)
    return fields
  }

  encode(typeName, message) {
    const fields = new Map([...this.#fieldsOf(typeName).values()].map((field) => [field.name, field]))
    const parts = []
    for (const [name, value] of Object.entries(message)) {
      const field = fields.get(name)
      if (!field) throw new Error(`${typeName} has no field ${name}`)
      for (const each of field.repeated ? value : [value]) parts.push(this.#encodeField(field, each))
    }
    return Buffer.concat(parts)
  }

  #encodeField(field, value) {
    if (NUMBERS.has(field.type)) return Buffer.concat([tag(field, VARINT), varint(this.#numberOf(field, value))])
    if (![MESSAGE, STRING, OCTETS].includes(field.type)) throw new Error(`${field.name}: no such type is written`)
    const octets = field.type === MESSAGE ? this.encode(field.typeName, value) : Buffer.from(value)
    return Buffer.concat([tag(field, BYTES), varint(BigInt(octets.length)), octets])
  }

  #numberOf(field, value) {
    const number = field.type === ENUM ? this.#enums.get(field.typeName).numbers.get(value) : value
    if (number === undefined) throw new Error(`${field.name} has no value ${value}`)
    return BigInt(number)
  }

  decode(typeName, octets) {
    const fields = this.#fieldsOf(typeName)
    const message = {}
    for (const field of fields.values()) if (field.repeated) message[field.name] = []
    const reader = new Reader(octets)
    while (!reader.atEnd) {
      const key = Number(reader.varint())
      const field = fields.get(key >>> 3)
      const raw = reader.value(key & 7)
      if (!field) continue  // of a later version
      const values = this.#valuesOf(field, key & 7, raw)
      if (field.repeated) message[field.name].push(...values)
      else message[field.name] = values.at(-1)
    }
    return message
  }

  // Several where a repeated number is packed.
  #valuesOf(field, wire, raw) {
    if (NUMBERS.has(field.type)) {
      if (wire === VARINT) return [this.#number(field, raw)]
      if (wire !== BYTES || !field.repeated) throw new Error(`${field.name}: wire type ${wire}`)
      const packed = new Reader(raw)
      const values = []
      while (!packed.atEnd) values.push(this.#number(field, packed.varint()))
      return values
    }
    if (wire !== (field.type === DOUBLE ? FIXED64 : BYTES)) throw new Error(`${field.name}: wire type ${wire}`)
    switch (field.type) {
      case MESSAGE: return [this.decode(field.typeName, raw)]
      case STRING: return [raw.toString('utf8')]
      case OCTETS: return [Buffer.from(raw)]
      case DOUBLE: return [raw.readDoubleLE(0)]
      default: throw new Error(`${field.name}: type ${field.type} is not read`)
    }
  }

  #number(field, value) {
    switch (field.type) {
      case BOOL: return value !== 0n
      case INT64: return BigInt.asIntN(64, value)
      case UINT64: return value
      case INT32: return Number(BigInt.asIntN(32, value))
      case ENUM: return this.#enums.get(field.typeName).names.get(Number(value)) ?? Number(value)
      default: return Number(BigInt.asUintN(32, value))
    }
  }
}

class Reader {
  #octets
  #at = 0

  constructor(octets) { this.#octets = Buffer.from(octets.buffer, octets.byteOffset, octets.length) }

  get atEnd() { return this.#at === this.#octets.length }

  varint() {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const octet = this.#take(1)[0]
      value |= BigInt(octet & 0x7f) << shift
      if (octet < 0x80) return BigInt.asUintN(64, value)
    }
    throw new Error('a varint of more than ten octets')
  }

  value(wire) {
    switch (wire) {
      case VARINT: return this.varint()
      case FIXED64: return this.#take(8)
      case BYTES: return this.#take(Number(this.varint()))
      case FIXED32: return this.#take(4)
      default: throw new Error(`wire type ${wire}`)
    }
  }

  #take(length) {
    if (length > this.#octets.length - this.#at) throw new Error('the message ends too early')
    this.#at += length
    return this.#octets.subarray(this.#at - length, this.#at)
  }
}

function varint(value) {
  const octets = []
  let rest = BigInt.asUintN(64, value)
  for (; rest > 0x7fn; rest >>= 7n) octets.push(Number(rest & 0x7fn) | 0x80)
  octets.push(Number(rest))
  return Buffer.from(octets)
}

function tag(field, wire) { return varint(BigInt(field.number * 8 + wire)) }
