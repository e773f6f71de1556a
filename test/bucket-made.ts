// Makes a bucket.
import { AwsClient } from 'aws4fetch'
import { readS3Address } from '../src/images/store/address.ts'

const { bucketUrl, ...who } = readS3Address(process.argv[2] ?? '', {})
const answer = await new AwsClient({ ...who, service: 's3' }).fetch(bucketUrl, { method: 'PUT' })
if (!answer.ok) throw new Error(`the bucket was not made: ${answer.status}`)
