#!/usr/bin/env node
// Asks a coordinator whether a name may be certified: DCV by http-01 and CAA in one visit, over gRPC. Node 18 alone.
//
//   protoc -I proto --include_imports --descriptor_set_out=mpic.pb proto/mpic/v1/*.proto
//   node mpic_client.mjs --descriptors mpic.pb --coordinator mpic.ca.example:7443 --ca ca.pem \
//       --tls-certificate tls.pem --tls-key tls.key --token "$token" --key-authorization "$token.$thumbprint" \
//       --issuer ca.example www.example.com
//
// Shows the verdict and each perspective's row.
// Exit status: 0 a basis for issuance, 1 none, 2 no answer, 64 wrong usage.

import {readFileSync, writeFileSync} from 'node:fs'
import http2 from 'node:http2'
import {parseArgs} from 'node:util'

import {Schema} from './protobuf.mjs'

const SECONDS = 60
const LONGEST_ANSWER = 4 * 1024 * 1024  // octets
const OK = '0'

// A call's end that is no answer. `code` is gRPC's number; proto/mpic/v1/coordinator.proto explains it.
export class CallError extends Error {
  constructor(code, message) {
    super(message)
    this.code = code
  }
}

// One HTTP/2 session, which takes as many calls at a time as you like. By mutual TLS where `key` and `certificate` are
// given; without them each call needs an API key.
export class Client {
  #schema
  #session
  #authority

  constructor({descriptors, target, ca, key, certificate, serverName}) {
    this.#schema = new Schema(descriptors)
    this.#authority = serverName || target.slice(0, target.lastIndexOf(':')).replace(/^\[|\]$/g, '')
    this.#session = http2.connect(`https://${target}`, {ca, key, cert: certificate, servername: this.#authority})
    this.#session.on('error', () => {})  // told by each call
  }

  close() { this.#session.close() }

  // The CorroborateResponse, for a CorroborateRequest.
  corroborate(request, {apiKey, seconds = SECONDS} = {}) {
    return this.#call('/mpic.v1.Corroborator/Corroborate', '.mpic.v1.CorroborateRequest', request,
                      '.mpic.v1.CorroborateResponse', apiKey, seconds)
  }

  encodeStatement(statement) { return this.#schema.encode('.mpic.v1.Statement', statement) }

  async #call(path, requestType, request, responseType, apiKey, seconds) {
    const message = this.#schema.encode(requestType, request)
    const prefix = Buffer.alloc(5)  // not compressed, and its length
    prefix.writeUInt32BE(message.length, 1)
    const stream = this.#session.request({
      ':method': 'POST', ':path': path, ':authority': this.#authority, 'content-type': 'application/grpc',
      te: 'trailers', 'grpc-timeout': `${seconds}S`, ...(apiKey ? {'x-api-key': apiKey} : {})})
    stream.end(Buffer.concat([prefix, message]))
    const {headers, octets} = await answerOf(stream, seconds)
    if (headers['grpc-status'] !== OK) {
      const code = Number(headers['grpc-status'] ?? 2)
      throw new CallError(code, decodeURIComponent(headers['grpc-message'] ?? `HTTP ${headers[':status']}`))
    }
    if (octets.length < 5 || octets[0] !== 0 || octets.readUInt32BE(1) !== octets.length - 5) {
      throw new CallError(13, 'the answer is not one whole message')
    }
    return this.#schema.decode(responseType, octets.subarray(5))
  }
}

// Headers, with the trailers that end a call in good order, and body.
function answerOf(stream, seconds) {
  return new Promise((resolve, reject) => {
    let headers = {}
    let length = 0
    const parts = []
    stream.setTimeout(seconds * 1000, () => stream.destroy(new CallError(4, 'no answer in time')))
    stream.on('response', (told) => { headers = {...headers, ...told} })
    stream.on('trailers', (told) => { headers = {...headers, ...told} })
    stream.on('data', (part) => {
      length += part.length
      if (length > LONGEST_ANSWER) stream.destroy(new CallError(8, 'the answer is too long'))
      else parts.push(part)
    })
    stream.on('error', (failed) => reject(failed instanceof CallError ? failed : new CallError(14, failed.message)))
    stream.on('end', () => resolve({headers, octets: Buffer.concat(parts)}))
    stream.on('close', () => reject(new CallError(14, 'the stream was closed')))  // nothing, after an end
  })
}

// A CorroborateRequest for what is given of DCV and CAA. With a requestId of your own, unique for ever, an answer that
// was lost on the way is had again by asking the same again.
export function question({name, token, keyAuthorization, issuers = [], requestId}) {
  return {
    identifier: name,
    ...(requestId ? {request_id: requestId} : {}),
    ...(token ? {dcv: {acme_http_01: {token, key_authorization: keyAuthorization}}} : {}),
    ...(issuers.length ? {caa: {issuer_domains: issuers}} : {}),
  }
}

// For people.
export function lines(answer) {
  const verdict = (told) => {
    const text = told.verdict.replace('VERDICT_', '')
    return told.would_be ? `${text} (would be ${told.would_be.replace('VERDICT_', '')})` : text
  }
  const out = [`${answer.identifier}: ${verdict(answer)}, ${answer.basis_for_issuance ? 'a' : 'no'} basis for issuance`,
               `record ${answer.record_id}`]
  for (const check of answer.checks) {
    const kind = check.kind.replace('CHECK_KIND_', '')
    out.push(`${kind} ${verdict(check)} ${check.quorum.fraction}: ${check.explanation ?? ''}`)
    for (const row of check.perspectives) {
      const why = row.problem ? row.problem.code.replace('PROBLEM_CODE_', '') : row.saw ?? ''
      out.push(`  ${row.perspective} ${row.outcome.replace('OUTCOME_', '').toLowerCase()} ${why}`.trimEnd())
    }
  }
  return out
}

const OPTIONS = ['descriptors', 'coordinator', 'server-name', 'ca', 'tls-certificate', 'tls-key', 'api-key-file',
                 'token', 'key-authorization', 'request-id', 'statement']

function parse() {
  const options = Object.fromEntries(OPTIONS.map((name) => [name, {type: 'string'}]))
  options.issuer = {type: 'string', multiple: true}
  const {values, positionals} = parseArgs({options, allowPositionals: true})
  const mutual = values['tls-certificate'] && values['tls-key']
  if (positionals.length !== 1 || !values.descriptors || !values.coordinator || !values.ca) {
    throw new Error('needed: --descriptors FILE --coordinator HOST:PORT --ca FILE NAME')
  }
  if (!mutual && !values['api-key-file']) throw new Error('a certificate and its key, or an API key')
  return {...values, name: positionals[0]}
}

async function main() {
  let options
  try {
    options = parse()
  } catch (wrong) {
    console.error(wrong.message)
    return 64
  }
  const read = (name) => (options[name] ? readFileSync(options[name]) : undefined)
  const client = new Client({
    descriptors: read('descriptors'), target: options.coordinator, ca: read('ca'), key: read('tls-key'),
    certificate: read('tls-certificate'), serverName: options['server-name']})
  try {
    const answer = await client.corroborate(
      question({name: options.name, token: options.token, keyAuthorization: options['key-authorization'],
                issuers: options.issuer, requestId: options['request-id']}),
      {apiKey: read('api-key-file')?.toString().trim()})
    console.log(lines(answer).join('\n'))
    if (options.statement) writeFileSync(options.statement, client.encodeStatement(answer.statement))
    return answer.basis_for_issuance ? 0 : 1
  } catch (failed) {
    console.error(`no answer: ${failed.code}: ${failed.message}`)
    return 2
  } finally {
    client.close()
  }
}

if (process.argv[1]?.endsWith('mpic_client.mjs')) process.exitCode = await main()
